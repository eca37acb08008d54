"""Files read in a process of its own: it answers by JSON, it can be killed, it takes nothing with it."""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.desk import worker
from opqibi_rules.desk.faults import FaultError
from opqibi_rules.desk.worker import StoppedError, Workers, serve_one

ECHO = "tests.desk.test_worker:echo"


def echo(question: dict[str, Any], data: bytes) -> dict[str, Any]:
    return {"question": question, "size": len(data), "process": os.getpid()}


def sleeps(_question: dict[str, Any], _data: bytes) -> None:
    time.sleep(60)


def dies(_question: dict[str, Any], _data: bytes) -> None:
    os.kill(os.getpid(), 9)


def devours(_question: dict[str, Any], _data: bytes) -> None:
    bytearray(worker.TEXTS.memory)


def floods(_question: dict[str, Any], _data: bytes) -> str:
    return "x" * (worker.LARGEST_ANSWER + 1)


def faults(question: dict[str, Any], _data: bytes) -> Any:
    return question["what we forgot"]


def writes(_question: dict[str, Any], _data: bytes) -> None:
    sys.stdout.write("a parser’s complaint")
    with open("/dev/shm/opqibi-never", "wb") as file:  # noqa: PTH123 - as a parser would
        file.write(b"x")
        file.flush()


async def told(task: str, data: bytes = b"", seconds: float = 60, times: int = 1) -> list[Any]:
    workers = Workers(2, seconds)
    try:
        return [await workers.run(f"tests.desk.test_worker:{task}", {"a": "é"}, data) for _ in range(times)]
    finally:
        await workers.close()


def test_each_file_has_a_process_of_its_own() -> None:
    first, second = asyncio.run(told("echo", b"x" * 3_000_000, times=2))
    assert first["question"] == {"a": "é"}
    assert first["size"] == 3_000_000
    assert len({first["process"], second["process"], os.getpid()}) == 3


@pytest.mark.parametrize("task", ["dies", "devours", "floods", "writes"])
def test_a_file_that_asks_too_much_is_stopped(task: str) -> None:
    with pytest.raises(StoppedError):
        asyncio.run(told(task))


def test_a_fault_of_ours_is_told_as_one() -> None:
    with pytest.raises(FaultError, match=r"^KeyError in faults, test_worker\.py, line [0-9]+$"):
        asyncio.run(told("faults"))


def panics(_question: dict[str, Any], _data: bytes) -> None:
    raise BaseException("what the caller typed")  # noqa: TRY002 - as a compiled library panics


def test_a_panic_of_a_library_is_a_fault_told_without_its_words() -> None:
    with pytest.raises(FaultError, match=r"^BaseException in panics, test_worker\.py, line [0-9]+$"):
        asyncio.run(told("panics"))


def draws(_question: dict[str, Any], _data: bytes) -> tuple[int, int]:
    import typst

    assert bytes(typst.compile(b"A page.", format="pdf")).startswith(b"%PDF")
    return int(os.environ["RAYON_NUM_THREADS"]), len(list(Path("/proc/self/task").iterdir()))


def test_a_page_is_drawn_by_two_threads_not_by_the_whole_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """On 64 cores, 64 threads a page were more than a service may have: every PDF failed."""
    monkeypatch.setenv("RAYON_NUM_THREADS", "64")
    ((allowed, threads),) = asyncio.run(told("draws"))
    assert threads <= 1 + allowed <= 3


def test_a_file_that_takes_too_long_is_killed() -> None:
    started = time.monotonic()
    with pytest.raises(StoppedError):
        asyncio.run(told("sleeps", b"x" * 1_000_000, seconds=3))
    assert time.monotonic() - started < 20


def test_the_next_file_is_read_all_the_same() -> None:
    async def both() -> Any:
        workers = Workers(1, 60)
        try:
            with pytest.raises(StoppedError):
                await workers.run("tests.desk.test_worker:dies", {}, b"")
            return await workers.run(ECHO, {}, b"abc")
        finally:
            await workers.close()

    assert asyncio.run(both())["size"] == 3


def test_a_worker_killed_by_somebody_is_given_its_work_once_more(tmp_path: Path) -> None:
    once = tmp_path / "once"
    once.touch()
    assert asyncio.run(_kept({"once": str(once)}, "dies_once")) == "alive"


def dies_once(question: dict[str, Any], _data: bytes) -> str:
    if Path(question["once"]).exists():
        Path(question["once"]).unlink()
        os.kill(os.getpid(), 9)
    return "alive"


async def _kept(question: dict[str, Any], task: str) -> Any:
    workers = Workers(1, 60)
    try:
        return await workers.run(f"tests.desk.test_worker:{task}", question, b"")
    finally:
        await workers.close()


def parent(_question: dict[str, Any], _data: bytes) -> int:
    return os.getppid()


def test_a_mother_that_died_is_replaced() -> None:
    async def served() -> Any:
        workers = Workers(1, 60)
        try:
            first = await workers.run("tests.desk.test_worker:parent", {}, b"")
            os.kill(first, 9)
            return first, await workers.run("tests.desk.test_worker:parent", {}, b"")
        finally:
            await workers.close()

    first, second = asyncio.run(served())
    assert first != second


def surroundings(_question: dict[str, Any], _data: bytes) -> dict[str, str]:
    return dict(os.environ)


def test_no_secret_of_the_server_reaches_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPQIBI_TOKEN", "API_ENTREPRISE_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "a secret of the server")
    (seen,) = asyncio.run(told("surroundings"))
    assert "PYTHONPATH" in seen
    assert "a secret of the server" not in seen.values()


def held(_question: dict[str, Any], _data: bytes) -> list[str]:
    return [str(item.readlink()) for item in Path("/proc/self/fd").iterdir() if item.is_symlink()]


def test_a_worker_holds_nothing_of_the_server_but_its_own_line() -> None:
    (seen,) = asyncio.run(told("held"))
    assert len({name for name in seen if name.startswith("socket:")}) == 1


def works_on(question: dict[str, Any], _data: bytes) -> None:
    Path(question["where"]).symlink_to(str(os.getpid()))
    while True:
        pass


@pytest.mark.parametrize("how", ["server", "mother"])
def test_workers_end_with_who_started_them(how: str, tmp_path: Path) -> None:
    where = tmp_path / "pid"
    program = (
        "import asyncio\nfrom opqibi_rules.desk.worker import Workers\n"
        f"asyncio.run(Workers(1, 60).run('tests.desk.test_worker:works_on', {{'where': {str(where)!r}}}, b''))"
    )
    server = subprocess.Popen([sys.executable, "-c", program])
    while not where.is_symlink():
        assert server.poll() is None
        time.sleep(0.05)
    worker = int(where.readlink().name)
    mother = int(Path(f"/proc/{worker}/stat").read_text("ascii").split()[3])
    if how == "mother":
        where.unlink()  # the work is tried again once: elsewhere
        where.write_text("", "ascii")
    os.kill(server.pid if how == "server" else mother, 9)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    server.kill()
    server.wait()


def test_a_lower_bound_of_the_machine_is_kept() -> None:
    """It once was an error, and every file « took too much »."""
    program = (
        "import resource\nfrom opqibi_rules.desk.worker import TEXTS, bound\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\nbound(TEXTS)\n"
        "assert resource.getrlimit(resource.RLIMIT_CPU) == (30, 30)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_where_nothing_forks_an_interpreter_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_FORKS", False)
    (answer,) = asyncio.run(told("echo", b"x" * 300_000))
    assert answer["size"] == 300_000
    with pytest.raises(StoppedError):
        asyncio.run(told("dies"))


def test_the_work_is_a_line_and_the_bytes_after_it() -> None:
    out = serve_one(json.dumps({"task": ECHO, "question": {"b": 1}}).encode() + b"\n\0\xff\n")
    assert out[:1] == b"J"
    assert json.loads(out[1:]) == {"question": {"b": 1}, "size": 3, "process": os.getpid()}


def test_the_bounds_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: asked.update({kind: limits[0]}))
    worker.bound(worker.TEXTS._replace(processor=7))
    assert asked[resource.RLIMIT_CPU] == 7
    assert asked[resource.RLIMIT_AS] == worker.TEXTS.memory
    assert asked[resource.RLIMIT_FSIZE] == 0


def test_a_file_of_the_folder_that_we_stand_in_is_no_module_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("org.py", "json.py", "asyncio.py"):
        (tmp_path / name).write_text(f'open({str(tmp_path / "executed")!r}, "w").write("x")\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    (answer,) = asyncio.run(told("echo", b"data"))
    assert answer["size"] == 4
    assert not (tmp_path / "executed").exists()
