"""Would the simulator notice? Each mutant is a copy of the package with one line of the protocol undone; every one has to be killed.

make mutants
make mutants ARGS=witness   # those whose name holds the word
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

from simulator.__main__ import FOUND

_ROOT = Path(__file__).parents[2]
_SEEDS = 400
"""After so many a mutant counts as alive."""


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant("a commit does not wait for the disk", "clients/sqlite.py", '"synchronous=FULL"', '"synchronous=OFF"'),
    Mutant("there is no quiet period", "core/settle.py", "now < intent.sent_at + quiet", "now < intent.sent_at"),
    Mutant(
        "a lookup that fails is an absence",
        "pipeline/publish.py",
        "await self._keep(settle.unseen(intent, self._clock.now(), str(error)))",
        "await self._keep(settle.absent(intent, self._clock.now()))",
    ),
    Mutant("the witness is ignored", "clients/github_issues.py", "if not reached:", "if False:"),
    Mutant(
        "a lost answer is a failure",
        "core/github.py",
        'lost: Meaning = "unknown" if writes else "transient"',
        'lost: Meaning = "transient"',
    ),
    Mutant(
        "what was being sent at a crash is sent again",
        "core/settle.py",
        'if intent.state == "planned":',
        'if intent.state in ("planned", "sending"):',
    ),
    Mutant(
        "what is sent is not written down before",
        "pipeline/publish.py",
        "await self._store.save(intent, self._clock.now())\n        try:",
        "try:",
    ),
    Mutant("nothing is looked for before it is sent", "pipeline/publish.py", "if not intent.attempt and", "if False and"),
    Mutant("duplicates are not looked for", "pipeline/upkeep.py", "in self._store.sweeps(now)", "in ()"),
    Mutant("an event told twice counts twice", "stores/sqlite.py", "if not keys[place] or first.get(keys[place]) == place]", "]"),
    Mutant(
        "a delivery stored out of turn is skipped",
        "channels/journal.py",
        "after_a_gap = delivery.sequence != self._up_to + 1",
        "after_a_gap = False",
    ),
    Mutant("a limit is not heeded", "clients/limiter.py", "        if now < until:\n", "        if False:\n"),
    Mutant("a limit is forgotten at a restart", "clients/limiter.py", "_read(notes.note(self._name))", "{}"),
)


def main() -> int:
    chosen = [mutant for mutant in MUTANTS if " ".join(sys.argv[1:]) in mutant.name]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = list(threads.map(_alive, (None, *chosen)))
    if found[0]:
        print(f"the package as it is does not survive, so nothing can be told of its mutants:\n{found[0]}")
        return 2
    killed = [said for said in found[1:] if said]
    print(f"mutants killed: {len(killed)} of {len(chosen)}")
    return int(len(killed) < len(chosen))


def _alive(mutant: Mutant | None) -> str:
    """What killed it; empty where it is alive."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copytree(_ROOT / "daemon", root / "daemon", ignore=lambda folder, names: [name for name in names if name == "__pycache__"])
        for name in ("rules", "templates", "pyproject.toml"):
            (root / name).symlink_to(_ROOT / name)
        if mutant is not None:
            _change(root / "daemon" / "triaged" / mutant.file, mutant)
        said = _hunted(root)
    name = mutant.name if mutant else "the package as it is"
    print(f"{'killed' if said else 'alive '}  {name}{f': {said.splitlines()[-1]}' if said else ''}", flush=True)
    return said


def _change(file: Path, mutant: Mutant) -> None:
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise SystemExit(
            f"{mutant.name}: {mutant.file} holds its line {text.count(mutant.old)} times, not once; the mutant has to follow the code"
        )
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


def _hunted(root: Path) -> str:
    """The first history in which a promise is broken."""
    paths = os.pathsep.join([str(root / "daemon"), str(_ROOT / "tests")])
    command = [sys.executable, "-m", "simulator", "--seeds", str(_SEEDS), "--hunt"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in (0, FOUND):
        raise SystemExit(f"the simulator itself failed:\n{done.stderr}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
