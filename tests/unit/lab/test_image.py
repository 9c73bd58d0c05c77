"""Base images: their key, their command, and which directory is taken for an image."""

from pathlib import Path

from golive.lab.image import Recipe, find
from golive.lab.outer import Mirrors, mirrors_in

DEBIAN = Mirrors()


def test_the_key_follows_the_inputs() -> None:
    key = Recipe("trixie", ("curl", "haproxy"), DEBIAN).key
    assert key == Recipe("trixie", ("haproxy", "curl", "curl"), DEBIAN).key
    assert key != Recipe("trixie", ("curl",), DEBIAN).key
    assert key != Recipe("trixie", ("curl", "haproxy"), Mirrors(main="http://mirror/debian")).key
    assert key.startswith("trixie-")


def test_apt_keeps_its_lists_and_fetches_what_is_recommended() -> None:
    argv = Recipe("trixie", ("curl",), DEBIAN).argv(Path("/t"))
    assert "--skip=cleanup/apt/lists,cleanup/apt/cache" in argv
    assert any("Install-Recommends=true --download-only curl" in word for word in argv)
    assert argv[-4:] == ["/t", *DEBIAN.sources("trixie")]


def test_the_newest_whole_image_is_found(tmp_path: Path) -> None:
    for name in ("trixie-abc-2", "trixie-abc-10", ".building-trixie-abc", "trixie-abc.log", "trixie-abd-11"):
        (tmp_path / name).mkdir()
    assert find(tmp_path, "trixie-abc") == tmp_path / "trixie-abc-10"
    assert find(tmp_path, "trixie-ab") is None


def test_mirrors_in_both_formats_of_apt() -> None:
    old = "deb [signed-by=/k] http://m/debian/ bookworm main\ndeb http://m/debian-security bookworm-security main\n"
    new = "Types: deb\nURIs: https://n/debian\nSuites: trixie\n"
    assert mirrors_in([old]) == Mirrors("http://m/debian", "http://m/debian-security")
    assert mirrors_in([new]) == Mirrors("https://n/debian", DEBIAN.security)
    assert mirrors_in(["deb http://archive.ubuntu.com/ubuntu noble main\n# deb http://m/debian x main\n"]) == DEBIAN
