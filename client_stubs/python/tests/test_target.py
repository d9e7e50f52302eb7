import pytest

from outrigger._core import target


@pytest.mark.parametrize(
    "given, resolved",
    [
        ("unix:///run/o.sock", "unix:/run/o.sock"),
        ("unix:/run/o.sock", "unix:/run/o.sock"),
        ("/run/o.sock", "unix:/run/o.sock"),
        ("localhost:7420", "localhost:7420"),
        ("[::1]:7420", "[::1]:7420"),
        ("dns:///sidecar:7420", "dns:///sidecar:7420"),
    ],
)
def test_forms_that_are_understood(given, resolved):
    assert target.resolve(given) == resolved


def test_a_path_is_this_folders(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert target.resolve("unix:o.sock") == f"unix:{tmp_path}/o.sock"
    assert target.resolve("./o.sock") == f"unix:{tmp_path}/o.sock"


def test_given_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("OUTRIGGER_TARGET", "/from/environment")
    assert target.resolve("/given") == "unix:/given"
    assert target.resolve(None) == "unix:/from/environment"


def test_the_first_socket_that_exists(monkeypatch, tmp_path):
    monkeypatch.delenv("OUTRIGGER_TARGET", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(target.os.path, "exists", lambda path: str(tmp_path) in path)
    assert target.resolve(None) == f"unix:{tmp_path}/outrigger/outrigger.sock"


@pytest.mark.parametrize(
    "folder, resolved", [(True, "unix:/run/outrigger/outrigger.sock"), (False, "127.0.0.1:7420")]
)
def test_no_socket_yet(monkeypatch, folder, resolved):
    monkeypatch.delenv("OUTRIGGER_TARGET", raising=False)
    monkeypatch.setattr(target.os.path, "exists", lambda path: False)
    monkeypatch.setattr(target.os.path, "isdir", lambda path: folder)
    assert target.resolve(None) == resolved
