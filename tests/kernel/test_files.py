"""The file store: in a folder, in memory, and away."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.errors import ConfigurationError, DependencyUnavailableError
from casebase.kernel.files import FileMissingError, FilePathError, FileStore, new_path


@pytest.fixture(params=["home", "folder", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    urls = {"home": None, "folder": (tmp_path / "a folder").as_uri(), "memory": "memory:///"}
    return FileStore(load_settings(home=tmp_path, files_url=urls[request.param]))


async def paths_in(files: FileStore, folder: str = "") -> set[str]:
    return {file.path async for file in files.list(folder)}


class TestAFile:
    async def test_is_what_was_put(self, files: FileStore) -> None:
        path, large = new_path("tenant", "case"), os.urandom(6_000_000)
        await files.put(path, large, "application/pdf")
        assert await files.get(path) == large
        [listed] = [file async for file in files.list()]
        assert (listed.path, listed.size_bytes) == (path, 6_000_000)

    async def test_is_replaced_whole(self, files: FileStore) -> None:
        path = new_path("tenant")
        await asyncio.gather(*(files.put(path, bytes([n]) * 100_000, "image/png") for n in range(20)))
        content = await files.get(path)
        assert content == content[:1] * 100_000

    async def test_is_gone_once_deleted_and_may_be_deleted_again(self, files: FileStore) -> None:
        path = new_path("tenant")
        await files.put(path, b"x", "image/png")
        for _ in range(2):
            await files.delete(path)
        with pytest.raises(FileMissingError):
            await files.get(path)
        assert await paths_in(files) == set()

    async def test_is_listed_by_its_folder(self, files: FileStore) -> None:
        one, other = new_path("a", "b"), new_path("ab", "b")
        for path in (one, other):
            await files.put(path, b"x", "image/png")
        assert await paths_in(files, "a") == {one}
        assert await paths_in(files, "nothing") == set()


class TestAPath:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/..",
            "a/./b",
            "a//b",
            "a/",
            ".hidden",
            "a/.hidden",
            "a\\..\\b",
            "a\0b",
            "a%2e%2e/b",
            "C:/x",
            "a b",
            "ä",
            "a\n",
            "a/" * 9 + "a",
            "a" * 101,
        ],
    )
    async def test_that_is_none_of_ours_is_refused(self, files: FileStore, path: str) -> None:
        for call in (files.put(path, b"x", "image/png"), files.get(path), files.delete(path)):
            with pytest.raises(FilePathError):
                await call

    def test_cannot_be_guessed(self) -> None:
        made = {new_path("tenant", "case") for _ in range(1000)}
        assert len(made) == 1000
        assert all(path.startswith("tenant/case/") and len(path) == 12 + 36 for path in made)


class TestTheFolder:
    async def test_is_private(self, tmp_path: Path) -> None:
        await FileStore(load_settings(home=tmp_path)).put("a/b", b"x", "image/png")
        assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700

    async def test_keeps_no_empty_folders(self, tmp_path: Path) -> None:
        files = FileStore(load_settings(home=tmp_path))
        await files.put("tenant/case/file", b"x", "image/png")
        await files.delete("tenant/case/file")
        assert list((tmp_path / "files").iterdir()) == []


class TestAStore:
    async def test_that_is_away_is_told_apart_from_a_missing_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
    ) -> None:
        for name, value in (
            ("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_tcp_port}"),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "the secret key"),
        ):
            monkeypatch.setenv(name, value)
        files = FileStore(load_settings(home=tmp_path, files_url="s3://bucket/folder"))
        for call in (files.put("a", b"x", "image/png"), files.get("a"), files.delete("a"), paths_in(files)):
            with pytest.raises(DependencyUnavailableError) as away:
                await call
            assert away.value.status == 503
            assert "secret" not in str(away.value) + str(away.value.detail)

    @pytest.mark.parametrize("url", ["http://example.com/x", "nonsense", "s3://", "file:///proc/none/x"])
    async def test_of_a_wrong_url_is_a_wrong_setting(self, tmp_path: Path, url: str) -> None:
        with pytest.raises(ConfigurationError, match="CASEBASE_FILES_URL"):
            await FileStore(load_settings(home=tmp_path, files_url=url)).get("a")
