"""Hand-written documents against the things they speak of: settings, decisions, commands of make, version, files."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from gateway.settings import Settings
from tests.docs.sources import ROOT

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT).as_posix()
)
SECTIONS = ("Context", "Decision", "Consequences", "Alternatives", "Security considerations")
TEXTS = frozenset(
    "py md txt toml yaml yml csv json xsd cedar cedarschema html css js svg graphql mako ini sh".split()  # noqa: SIM905  a list to read
)


def _read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_setting_has_its_heading_and_no_heading_is_left_over() -> None:
    headings = re.findall(r"^## (\S+)$", _read("docs/settings.md"), re.MULTILINE)
    assert headings == [f"MEZHVED_{name.upper()}" for name in Settings.model_fields]


def test_every_setting_named_anywhere_exists() -> None:
    known = {f"MEZHVED_{name.upper()}" for name in Settings.model_fields}
    for path in DOCUMENTS:
        assert set(re.findall(r"\bMEZHVED_[A-Z_]+\b", path.read_text("utf-8"))) <= known, _name(path)


def test_every_decision_is_in_the_index_in_order_and_whole() -> None:
    folder = ROOT / "docs/decisions"
    records = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name[:4] for name in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    index = _read("docs/decisions/README.md")
    assert re.findall(r"^\| \[\d{4}\]\((.+?)\) \|", index, re.MULTILINE) == records
    for name in records:
        text = (folder / name).read_text("utf-8")
        assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == SECTIONS, name
        title = re.match(r"# \d{4}\. (.+)\n", text)
        assert title is not None, name
        assert f"({name}) | {title[1]} |" in index


def test_every_make_target_that_is_named_exists() -> None:
    makefile = _read("Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert {"demo", "test"} <= targets
    for path in DOCUMENTS:
        code = re.findall(r"`[^`\n]+`|^```sh\n.*?^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        named = {name for block in code for name in re.findall(r"(?:^|[`\s])make ([a-z][a-z-]*)", block)}
        assert named <= targets, f"{_name(path)}: {named - targets}"


def test_ci_runs_what_contributors_are_told() -> None:
    named = set(re.findall(r"^make ([a-z-]+)", _read(".ci/run"), re.MULTILINE))
    assert named == {"test", "test-system", "demo"}


def test_every_command_that_is_named_exists() -> None:
    from tests import generate

    known = {path for path, _, _ in generate._commands()}
    for path in DOCUMENTS:
        for block in re.findall(
            r"`mezhved [^`\n]+`|^```sh\n.*?^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            for line in re.findall(r"mezhved ((?:[a-z]+ ?){1,2})", block):
                words = line.split()
                assert f"mezhved {' '.join(words)}" in known or f"mezhved {words[0]}" in known, f"{_name(path)}: {line}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_link_inside_the_repository_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{_name(path)} → {target}"
        if anchor:
            assert anchor in _anchors(found), f"{_name(path)} → {target}"


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_module_that_is_named_exists(path: Path) -> None:
    rooms = "schemas|consent|policies|adapters|gateway|tests"
    inside = "use_cases|evidence|vault|oauth|graphql|rest|web|exchange|storage|demo"
    for module in re.findall(
        rf"`((?:{rooms}|{inside}|xml|csv)/[\w./-]+\.(?:py|csv|yaml|xsd|txt))`", path.read_text("utf-8")
    ):
        places = [ROOT / module, ROOT / "gateway" / module]
        assert any(place.exists() for place in places), f"{_name(path)}: {module}"


def test_both_readmes_have_the_same_parts_and_links() -> None:
    def shape(path: str) -> tuple[list[int], list[str], int]:
        text = _read(path)
        levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
        links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("README")]
        return levels, sorted(links), text.count("```")

    assert shape("README.md") == shape("README.ru.md")


def test_the_newest_version_of_the_changelog_is_that_of_the_package() -> None:
    version = tomllib.loads(_read("pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## \[(.+?)\]", _read("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] == ["Unreleased", version]


def test_architecture_names_every_part_of_the_gateway_and_every_law() -> None:
    text = _read("ARCHITECTURE.md")
    parts = {
        path.name if path.is_file() else f"{path.name}/"
        for path in (ROOT / "gateway").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__.py", "__main__.py"}
    assert [part for part in sorted(parts) if f"`{part}`" not in text] == []
    laws = text.split("<!-- laws -->")[1].split("<!-- end laws -->")[0]
    assert [int(n) for n in re.findall(r"^\| (\d+)\. ", laws, re.MULTILINE)] == list(range(1, 13))


def test_the_licence_and_its_notices_are_there() -> None:
    assert "Apache License" in _read("LICENSE").splitlines()[0]
    assert "END OF TERMS AND CONDITIONS" in _read("LICENSE")
    vendored = [_name(path.parent) for path in (ROOT / "gateway").rglob("LICENSE*")]
    assert vendored
    assert all(f"{folder}/" in _read("NOTICE") for folder in vendored)


# --- nothing of one machine ------------------------------------------------------------------------------------------


def _files() -> list[Path]:
    """What is or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    except OSError:  # no git on this machine
        listed = subprocess.CompletedProcess(command, 1)
    if listed.returncode:  # an unpacked archive: no git, no untracked files
        found = [
            path for path in ROOT.rglob("*") if path.is_file() and not path.relative_to(ROOT).parts[0].startswith(".")
        ]
        return [path for path in found if path.relative_to(ROOT).parts[0] not in {"var", "build", "dist"}]
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()]


# Written in two halves, so that this file does not find itself.
FORBIDDEN = tuple(
    "".join(halves) for halves in (("/wo", "rk/"), ("py", "pi.org"), ("pythonhosted", ".org"), ("index-", "url"))
)


def test_no_file_names_a_path_of_one_machine_or_an_index_of_packages() -> None:
    files = _files()
    assert len(files) > 100
    found = []
    for path in files:
        if path.suffix.lstrip(".") not in TEXTS and path.name not in {"Makefile", "run", "NOTICE", "LICENSE"}:
            continue
        text = path.read_text("utf-8", "replace")
        if path.name == "Makefile":
            text = text.replace("--no-emit-" + FORBIDDEN[3], "")  # the option that keeps it out of the locks
        found += [f"{_name(path)}: {word}" for word in FORBIDDEN if word in text]
    assert found == []


def test_the_locks_name_no_address_and_hash_everything() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text("utf-8")
        assert "://" not in text, path.name
        assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE), path.name
        pinned = re.findall(r"^([a-z0-9][\w.-]*(?:\[[\w,-]+\])?)==", text, re.MULTILINE | re.IGNORECASE)
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
        assert len(pinned) == len(blocks)
        assert all("--hash=sha256:" in block for block in blocks), path.name
