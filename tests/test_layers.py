import ast
from pathlib import Path

import photochrom

ROOT = Path(photochrom.__file__).parent
LAYERS = [
    {"errors"},
    {"config", "page", "note", "places", "looks"},
    {"stream", "color"},
    {"upsampling", "toning", "pil"},
    {"image", "hints", "guides", "spreading"},
    {"joining"},
    {"coloured"},
    {"claim", "journal", "film"},
    {"zoo"},
    {"model"},
    {"guiding"},
    {"inference"},
    {"planning"},
    {"batch", "web"},
    {"summary", "watch", "cluster"},
    {"digits"},
    {"models"},
    {"evaluation"},
    {"training"},
    {"ladder"},
    {"cli"},
    {"__main__"},
]
OWNERS = {
    "pyvips": {"image"},
    "tifffile": {"image"},
    "pypdfium2": {"image"},
    "rawpy": {"image"},
    "upath": {"places"},
    "av": {"film"},
    "cv2": {"film"},
    "ray": {"cluster"},
    "datasets": {"training"},
    "onnxruntime": {"model"},
    "torch": {"models", "training", "evaluation"},
    "timm": {"models", "training", "evaluation"},
    "lightning_fabric": {"training"},
    "click": {"cli"},
    "starlette": {"web"},
    "uvicorn": {"cli"},
    "keras": {"digits"},
    "tensorflow": {"digits"},
}


def modules() -> dict[Path, str]:
    return {path: path.relative_to(ROOT).with_suffix("").parts[0] for path in ROOT.rglob("*.py")}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "photochrom":
            found |= {f"photochrom.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def level(room: str) -> int:
    return next(place for place, layer in enumerate(LAYERS) if room in layer)


def test_lower_modules_never_import_higher_ones() -> None:
    for path, room in modules().items():
        if room == "__init__":
            continue
        for name in imports(path):
            if name.startswith("photochrom."):
                assert level(name.split(".")[1]) <= level(room), f"{path} imports {name}"


def test_each_library_has_its_owner() -> None:
    for path, room in modules().items():
        for name in imports(path):
            owners = OWNERS.get(name.split(".")[0])
            assert owners is None or room in owners, f"{path} imports {name}"
