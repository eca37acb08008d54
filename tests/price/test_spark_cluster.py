"""Spark as it is deployed: a master and two workers of their own, the wheel by ``--py-files``, no Python beyond the driver."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyspark
import pytest

from opqibi_rules.cli.main import run
from tests.price import proof
from tests.test_in_a_zip import packed_wheel

HOME = Path(pyspark.__file__).parent
ON = ("--date", "2026-03-02")
DRIVER = """
import sys
from datetime import date
from pyspark.sql import SparkSession
import opqibi_rules
from opqibi_rules.price.columns import with_fees
assert ".whl" in opqibi_rules.__file__, opqibi_rules.__file__
source, target = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
table = spark.read.parquet(source)
with_fees(table, on=date(2026, 3, 2), integers="cents").write.parquet(target)
"""


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master with two workers, on this machine; none of them knows a Python."""
    folder = tmp_path_factory.mktemp("cluster")
    environment = {
        **{name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ},
        "SPARK_HOME": str(HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": "/nonexistent/python",
    }

    def started(stack: ExitStack, name: str, *words: str) -> Path:
        log = folder / name
        with log.open("wb") as said:
            command = [str(HOME / "bin" / "spark-class"), *words]
            process = subprocess.Popen(command, stdout=said, stderr=said, env=environment, cwd=folder)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        return log

    def told(log: Path, pattern: str) -> str:
        for _ in range(1200):
            if found := re.search(pattern, log.read_text("utf-8", "replace")):
                return found[0]
            time.sleep(0.1)
        raise AssertionError(log.read_text("utf-8", "replace"))

    with ExitStack() as stack:
        words = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        log = started(stack, "master", "org.apache.spark.deploy.master.Master", *words)
        address = told(log, r"spark://127\.0\.0\.1:[0-9]+")
        workers = [
            started(
                stack, f"worker-{number}", "org.apache.spark.deploy.worker.Worker",
                *words, "-c", "1", "-m", "1g", "-d", str(folder / f"work-{number}"), address,
            )
            for number in (1, 2)
        ]  # fmt: skip
        for worker in workers:
            told(worker, "Successfully registered with master")
        yield address


def test_partitions_are_priced_by_two_workers_without_python(master: str, tmp_path: Path) -> None:
    asked = proof.random_table(4_000, seed=31)
    (tmp_path / "parts").mkdir()
    for number in range(4):
        asked.slice(number * 1_000, 1_000).drop("date").write_parquet(
            tmp_path / "parts" / f"{number}.parquet"
        )
    (tmp_path / "driver.py").write_text(DRIVER, "utf-8")
    conf = {
        "spark.executor.memory": "512m", "spark.executor.cores": "1", "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false", "spark.sql.files.openCostInBytes": str(128 << 20),
    }  # fmt: skip
    command = [
        str(HOME / "bin" / "spark-submit"), "--master", master, "--py-files", str(packed_wheel(tmp_path)),
        *(word for pair in conf.items() for word in ("--conf", "=".join(pair))),
        str(tmp_path / "driver.py"), str(tmp_path / "parts"), str(tmp_path / "priced"),
    ]  # fmt: skip
    environment = {**os.environ, "SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1"}
    environment |= {"PYSPARK_DRIVER_PYTHON": sys.executable, "PYSPARK_PYTHON": "/nonexistent/python"}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "priced").glob("part-*"))) > 1
    priced = pl.read_parquet(tmp_path / "priced" / "*.parquet").sort("row")
    assert proof.wrong_rows(priced, proof.one_by_one(asked)) == 0


def test_the_command_gives_the_same_file_by_the_cluster(master: str, tmp_path: Path) -> None:
    source = tmp_path / "structures.csv"
    asked = proof.random_table(500, seed=32).drop("date", "row").with_columns(pl.col("turnover") // 100)
    asked.write_csv(source)
    command = [sys.executable, "-m", "opqibi_rules.cli.main", "batch", str(source), *ON]
    by_spark = [*command, "-o", str(tmp_path / "spark.csv"), "--engine", "spark", "--master", master]
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": "/nonexistent/python"}
    done = subprocess.run(by_spark, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert run(["batch", str(source), "-o", str(tmp_path / "polars.csv"), *ON]) == 1
    assert (tmp_path / "spark.csv").read_bytes() == (tmp_path / "polars.csv").read_bytes()


def test_a_master_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    source = tmp_path / "structures.csv"
    source.write_text("turnover,t1\n350000,1\n", "utf-8")
    command = [sys.executable, "-m", "opqibi_rules.cli.main", "batch", str(source), *ON, "--lang", "en"]
    command += ["-o", str(tmp_path / "out.csv"), "--engine", "spark", "--master", "spark://127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = "No Spark master answers at spark://127.0.0.1:1.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_java_that_is_too_old_is_told_in_one_sentence(tmp_path: Path) -> None:
    source = tmp_path / "structures.csv"
    source.write_text("turnover,t1\n350000,1\n", "utf-8")
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.21\" 2023-10-17' >&2\n", "utf-8")
    java.chmod(0o755)
    command = [sys.executable, "-m", "opqibi_rules.cli.main", "batch", str(source), *ON, "--lang", "en"]
    command += ["-o", str(tmp_path / "out.csv"), "--engine", "spark"]
    environment = {**os.environ, "JAVA_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = "Spark needs Java 17 or later on this machine (Debian: openjdk-17-jre-headless).\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
