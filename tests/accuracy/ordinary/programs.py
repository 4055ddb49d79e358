"""Ordinary programs, run for what they say: package managers, compilers, test runners, servers. Who is not installed says nothing."""

import http.server
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

Source = Callable[[Path, Random], Iterator[str]]

AT_MOST = 25_000  # lines from one program


def said(folder: Path, *words: str, timeout: float = 120) -> Iterator[str]:
    """What a program printed, on both streams; nothing if it is not there or failed: a failure is not ordinary."""
    if not shutil.which(words[0]):
        return
    try:
        done = subprocess.run(
            words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        return
    if done.returncode == 0:
        yield from done.stdout.decode("utf-8", "replace").split("\n")


def python_verbose(folder: Path, random: Random) -> Iterator[str]:
    yield from said(
        folder, sys.executable, "-v", "-c", "import json, logging, http.server, unittest, asyncio, traceback, urllib.error, email.errors"
    )
    yield from said(folder, sys.executable, "-X", "importtime", "-c", "import asyncio, traceback, concurrent.futures, xml.dom, sqlite3")


def pip(folder: Path, random: Random) -> Iterator[str]:
    yield from said(folder, sys.executable, "-m", "venv", "venv")
    pip = str(folder / "venv" / "bin" / "python")
    yield from said(folder, pip, "-m", "pip", "list", "-v", "--disable-pip-version-check")
    yield from said(folder, pip, "-m", "pip", "debug", "--verbose")
    yield from said(folder, pip, "-m", "pip", "help", "install")


def unittest_passing(folder: Path, random: Random) -> Iterator[str]:
    """Test names speak of errors; all pass."""
    things, faults = (
        ("order", "cart", "refund", "stock", "login"),
        ("value_error", "timeout", "missing_key", "exception", "panic", "failure"),
    )
    tests = [
        f"    def test_{t}_{f}_is_handled_{n}(self):\n        with self.assertRaises(ValueError):\n            raise ValueError('expected {n}')"
        for t in things
        for f in faults
        for n in range(40)
    ]
    (folder / "test_faults.py").write_text("import unittest\n\n\nclass TestErrors(unittest.TestCase):\n" + "\n\n".join(tests) + "\n")
    yield from said(folder, sys.executable, "-m", "unittest", "-v", "test_faults")
    yield from said(folder, sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--rootdir", str(folder), "test_faults.py")
    yield from said(folder, sys.executable, "-m", "unittest", "-h")


def access_log(folder: Path, random: Random) -> Iterator[str]:
    """A small web server and someone who browses it: real lines, and none of these answers is a crash."""
    out: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, form: str, *words: object) -> None:
            out.append(f"{self.client_address[0]} - - [{self.log_date_time_string()}] {form % words}")

    for name in (
        "index.html",
        "error-pages/404.html",
        "error-pages/500.html",
        "docs/exceptions.html",
        "js/error-boundary.js",
        "api/errors",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("<h1>fine</h1>")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a, **k: Handler(*a, directory=str(folder), **k))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    paths = [
        "/",
        "/index.html",
        "/error-pages/404.html",
        "/error-pages/500.html",
        "/docs/exceptions.html",
        "/js/error-boundary.js?v=3",
        "/api/errors",
        "/nothing",
    ]
    for _ in range(3000):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{random.choice(paths)}", timeout=5) as answer:
                answer.read()
        except urllib.error.HTTPError:
            pass  # a 404 is an answer
    server.shutdown()
    server.server_close()
    yield from (line for line in out if " code " not in line)


def git(folder: Path, random: Random) -> Iterator[str]:
    here = Path(__file__).parent
    yield from said(here, "git", "log", "--stat", "--no-color")
    yield from said(here, "git", "log", "--format=%h %an %ad %s")
    yield from said(here, "git", "ls-files", "-s")
    (folder / "repo").mkdir(exist_ok=True)
    for words in (("init",), ("status",), ("config", "--list", "--show-origin")):
        yield from said(folder / "repo", "git", *words)


def compilers(folder: Path, random: Random) -> Iterator[str]:
    (folder / "main.c").write_text(
        '#include <stdio.h>\n#include <errno.h>\n#include <stdlib.h>\nint main(void) { printf("%d\\n", errno); return 0; }\n'
    )
    (folder / "main.cpp").write_text("#include <exception>\n#include <stdexcept>\n#include <regex>\nint main() { return 0; }\n")
    (folder / "Makefile").write_text("CFLAGS := -Wall -Werror -Wno-error=unused\nall: main\n\t@echo '0 errors, 0 warnings'\n")
    yield from said(folder, "gcc", "-v", "-H", "-Werror", "-o", "main", "main.c")
    yield from said(folder, "g++", "-H", "-fno-exceptions", "-c", "main.cpp")
    yield from said(folder, "make", "-d")
    yield from said(folder, "rustc", "--version", "--verbose")
    (folder / "go").mkdir(exist_ok=True)
    (folder / "go" / "go.mod").write_text("module shop\n\ngo 1.19\n")
    (folder / "go" / "main_test.go").write_text(
        'package shop\n\nimport (\n\t"errors"\n\t"fmt"\n\t"testing"\n)\n\nfunc TestErrors(t *testing.T) {\n\tfor i := 0; i < 300; i++ {\n'
        '\t\tt.Run(fmt.Sprintf("error_%d", i), func(t *testing.T) { t.Log(errors.New("wanted")) })\n\t}\n}\n'
    )
    yield from said(folder / "go", "go", "test", "-v", "./...")
    yield from said(folder / "go", "go", "build", "-x", "-a", "errors")


def java(folder: Path, random: Random) -> Iterator[str]:
    """Class loading names every exception there is."""
    yield from said(folder, "java", "-Xlog:class+load", "-version")
    yield from said(folder, "java", "-Xlog:gc*", "-XshowSettings:all", "-version")
    (folder / "Main.java").write_text(
        "public class Main { public static void main(String[] a) { java.util.stream.IntStream.range(0, 9).boxed().toList(); } }\n"
    )
    yield from said(folder, "javac", "-verbose", "-d", ".", "Main.java")
    yield from said(folder, "java", "-Xlog:class+load,class+init", "-cp", ".", "Main")


def node(folder: Path, random: Random) -> Iterator[str]:
    cases = "\n".join(
        f"test('throws TypeError when price {n} is null', () => assert.throws(() => null.price, TypeError));" for n in range(300)
    )
    (folder / "errors.test.js").write_text(f"const test = require('node:test');\nconst assert = require('assert');\n{cases}\n")
    yield from said(folder, "node", "--test", "errors.test.js")
    yield from said(folder, "npm", "config", "list", "-l")
    yield from said(folder, "npm", "help", "install")
    yield from said(folder, "npm", "init", "-y", "--verbose")
    yield from said(folder, "npm", "install", "--offline", "--verbose", "--no-audit")


def system(folder: Path, random: Random) -> Iterator[str]:
    yield from said(folder, "dpkg", "-l")
    yield from said(folder, "apt-cache", "show", "python3", "openssl", "libc6")
    yield from said(folder, "df", "-h")
    yield from said(folder, "perl", "-V")
    yield from said(folder, "mount")


def file_lists(folder: Path, random: Random) -> Iterator[str]:
    """Archives and directories are full of files about errors."""
    for top in ("/usr/lib/python3", "/usr/include", "/usr/share/doc", "/usr/lib/node_modules", "/usr/share/perl"):
        if Path(top).exists():
            yield from said(folder, "find", top, "-ls")


SOURCES: tuple[Source, ...] = (
    python_verbose, pip, unittest_passing, access_log, git, compilers, java, node, system, file_lists,
)  # fmt: skip


def lines(seed: int) -> Iterator[tuple[str, list[str]]]:
    """(name of the source, what it said), at most ``AT_MOST`` lines of each, drawn by ``seed`` where there were more."""
    for source in SOURCES:
        random = Random(f"{seed} {source.__name__}")
        with tempfile.TemporaryDirectory() as folder:
            heard = [line.rstrip() for line in source(Path(folder), random) if line.strip()]
        if len(heard) > AT_MOST:
            start = random.randrange(len(heard) - AT_MOST)
            heard = heard[start : start + AT_MOST]
        yield source.__name__, heard


if __name__ == "__main__":
    for name, heard in lines(7):
        print(textwrap.shorten(f"{name}: {len(heard)} lines, {heard[:2]}", 160))
