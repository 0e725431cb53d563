"""Fetch the pinned font packages into a folder at bake time, and trust no file but by its hash."""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

NOTO_INSTALLED = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
GALMURI, UNIFONT, NOTO = "galmuri@2.40.3", "@fontsource/unifontex@5.2.6", "fonts-noto-cjk=1:20220127+repack1-1"

# name here -> (package, path inside it, sha256 of the font file)
FONTS = {
    "galmuri7": (GALMURI, "dist/Galmuri7.bdf", "2a6fd090ac6d24f7392d6cc49db02ce54b9d1c01048bf8c97cbcdbc5a885cb15"),
    "galmuri9": (GALMURI, "dist/Galmuri9.bdf", "e87a1a4f7c5ce72b72802959fce27a3221d05e1f60f4610092d6922ad0456733"),
    "galmuri11": (GALMURI, "dist/Galmuri11.bdf", "f72dba056f163f250b4af62ac08736391f82c8f680abb554e5fc0997f29e9936"),
    "galmuri11-bold": (GALMURI, "dist/Galmuri11-Bold.bdf", "4cacb7467e41ade23fc13ed76288df71481011d1ef27b32388915425aef515ed"),
    "galmuri14": (GALMURI, "dist/Galmuri14.bdf", "c75d38c6ce8f7b620d33768b454f918dc7e382e754c7f446c577daade38be94e"),
    "unifont": (
        UNIFONT,
        "files/unifontex-latin-400-normal.woff",
        "e37e18240d32d13dcc222beea13dd90701f7d427cc8e31e28444ebd58d95fca7",
    ),
    "noto": (NOTO, str(NOTO_INSTALLED), "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"),
}


def from_npm(package: str, folder: Path) -> Path:
    """The unpacked package."""
    home = folder / package.strip("@").replace("/", "-").replace("@", "-")
    if not home.exists():
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(home.with_name(home.name + ".tgz")) as tar:
            tar.extractall(home, filter="data")
    return home / "package"


def from_debian(package: str, folder: Path) -> Path:
    """The root of the unpacked package; nothing is installed."""
    home = folder / package.partition("=")[0]
    if not home.exists():
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
        (deb,) = folder.glob(home.name + "_*.deb")
        subprocess.run(["dpkg-deb", "-x", deb.name, home.name], cwd=folder, check=True)
    return home


def font(name: str, folder: Path) -> Path:
    """One of FONTS as a file. Raises ValueError when its bytes are not those that were looked at."""
    package, inside, expected = FONTS[name]
    if package != NOTO:
        path = from_npm(package, folder) / inside
    elif NOTO_INSTALLED.exists():
        path = NOTO_INSTALLED
    else:
        path = from_debian(package, folder) / inside.lstrip("/")
    if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        raise ValueError(f"{name}: {path.name} of {package} is not the file that this recipe was made for")
    return path


def missing_tools() -> list[str]:
    """What a bake needs of the machine and does not find."""
    tools = ["npm"] if NOTO_INSTALLED.exists() else ["npm", "apt-get", "dpkg-deb"]
    return [tool for tool in tools if shutil.which(tool) is None]
