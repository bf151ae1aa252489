import pytest


@pytest.fixture(scope="session")
def echo(tmp_path_factory):
    """The path of a model that takes hints and gives suggestions."""
    from helpers import echo_model

    return echo_model.write(tmp_path_factory.mktemp("model") / "echo.onnx")
