"""Where the files of an embedded server go when its user cannot reach them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from linli.embedded.account import ServerAccount, choose_account
from linli.embedded.places import reachable_binaries, socket_directory

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a server as somebody else")


def account_of(path: Path) -> ServerAccount:
    return choose_account(path / "absent", None)


@only_root
def test_binaries_below_a_folder_of_roots_alone_are_copied_where_the_server_can_execute_them(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tool").write_text("#!/bin/sh\necho answered\n")
    (tmp_path / "bin/tool").chmod(0o700)
    account = account_of(tmp_path)
    copy = reachable_binaries(tmp_path, ["bin/tool"], "linli-test", account)
    try:
        again = reachable_binaries(tmp_path, ["bin/tool"], "linli-test", account)
        assert again == copy != tmp_path
        words = subprocess.run(
            [copy / "bin/tool"], user=account.uid, capture_output=True, text=True, check=True
        )
        assert words.stdout == "answered\n"
    finally:
        shutil.rmtree(copy)


def test_binaries_that_can_be_executed_are_used_in_place(tmp_path: Path) -> None:
    account = ServerAccount(os.geteuid(), os.getegid(), drops=False)
    (tmp_path / "tool").touch(0o700)
    assert reachable_binaries(tmp_path, ["tool"], "linli-test", account) == tmp_path


def test_socket_folder_that_somebody_else_left_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    account = ServerAccount(os.geteuid(), os.getegid(), drops=False)
    beside = Path("/" + "x" * 200 + "/postgres")
    first = socket_directory(beside, "s", account)
    assert socket_directory(beside, "s", account) == first
    first.chmod(0o755)  # a folder that others may enter: not one of ours
    other = socket_directory(beside, "s", account)
    assert other != first
    assert other.stat().st_mode & 0o777 == 0o700
