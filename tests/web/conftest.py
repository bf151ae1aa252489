import functools
import http.server
import shutil
import subprocess
import threading
import time

import pytest

from helpers.browsers import Browsers


@pytest.fixture(scope="module")
def echo_as_vivid(echo):
    """Let the name of the flagship mean that model."""
    from photochrom.inference import zoo

    find = zoo.find
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zoo, "find", lambda model: echo if model == "vivid" else find(model))
        yield


@pytest.fixture(scope="module")
def serve():
    """Start servers with an application each, on ports of their own; they end with the module."""
    uvicorn = pytest.importorskip("uvicorn")
    running = []

    def start(app) -> str:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.02)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def address(echo_as_vivid, serve):
    """Where a studio is, whose model is the one above."""
    from photochrom.web.app import create_app

    return serve(create_app())


BROWSERS = Browsers()
OF_SCREENSHOTS = "sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA="
"""Names the rule `body {}`, which Playwright adds in Firefox, and the page's policy forbids."""


@pytest.fixture(scope="session")
def browsers():
    """Chromium and Firefox: `browsers.new_context(name)`."""
    return BROWSERS


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem) -> None:
    """End the browsers before a module without them: their event loop would be in its way."""
    follows = nextitem and (item.module is nextitem.module or "browsers" in nextitem.fixturenames)
    if not follows:
        BROWSERS.close()


@pytest.fixture
def browser(request):
    """A browser's name: what --browser says, and Firefox, too, for tests marked `browsers`."""
    return getattr(request, "param", request.config.getoption("--browser"))


def pytest_generate_tests(metafunc) -> None:
    if metafunc.definition.get_closest_marker("browsers"):
        names = dict.fromkeys([metafunc.config.getoption("--browser"), "firefox"])
        metafunc.parametrize("browser", names, indirect=True)


@pytest.fixture
def visit(browsers, browser, address):
    """Open pages of the studio, `visit(viewport=...)`; none may have met a defect."""
    contexts, errors = [], []

    def start(where=address, ready=True, **options):
        options = {"viewport": {"width": 1280, "height": 860}, **options}
        contexts.append(browsers.new_context(browser, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(where)
        if ready:
            page.wait_for_selector("html[data-ready=yes]")
        return page

    yield start
    for context in contexts:
        context.close()
    assert [one for one in errors if OF_SCREENSHOTS not in one] == []


@pytest.fixture
def page(visit):
    """A page of the studio."""
    return visit()


@pytest.fixture
def grey(tmp_path):
    """A grey photograph, 320 x 240."""
    import skimage.data
    from PIL import Image

    path = tmp_path / "astronaut.png"
    Image.fromarray(skimage.data.astronaut()[:240, :320, 0]).save(path)
    return path


@pytest.fixture
def cat(tmp_path):
    """Another, 260 x 200."""
    import skimage.data
    from PIL import Image

    path = tmp_path / "cat.jpg"
    Image.fromarray(skimage.data.chelsea()[:200, :260, 0]).save(path)
    return path


@pytest.fixture(scope="module")
def stub(tmp_path_factory):
    """A folder with files of the runtime's names, which run nothing."""
    from photochrom.web import site

    directory = tmp_path_factory.mktemp("runtime")
    for name in site.RUNTIME:
        (directory / name).write_text("export const env = { wasm: {} };")
    return directory


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """ONNX Runtime Web's files, by npm."""
    from photochrom.web import site

    if not shutil.which("npm"):
        pytest.skip("needs npm")
    directory = tmp_path_factory.mktemp("npm")
    package = f"onnxruntime-web@{site.RUNTIME_VERSION}"
    done = subprocess.run(["npm", "pack", package], cwd=directory, capture_output=True)
    if done.returncode:
        pytest.skip("npm does not reach its registry")
    (archive,) = directory.glob("*.tgz")
    (directory / "dist").mkdir()
    for name, data in site.unpacked(archive.read_bytes()).items():
        (directory / "dist" / name).write_bytes(data)
    return directory / "dist"


@pytest.fixture(scope="module")
def served():
    """Serve folders as a plain file server does; give their addresses."""
    running = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        extensions_map = {  # noqa: RUF012 - as the base has it
            **http.server.SimpleHTTPRequestHandler.extensions_map,
            ".mjs": "text/javascript",
            ".wasm": "application/wasm",
        }

        def log_message(self, *_):
            pass

    def start(directory) -> str:
        handler = functools.partial(Quiet, directory=str(directory))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
