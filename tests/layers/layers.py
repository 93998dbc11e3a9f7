"""The house rules that a compiler does not check: which floor may include which, where system calls live, sizes.

Usage: layers.py ROOT. Prints each breach as FILE:LINE: RULE and exits 1 if there is any.
"""

import re
import sys
from pathlib import Path

FLOORS = {
    "base": 0,
    "drain": 1, "config": 1, "log": 1, "judge": 1,
    "http": 2, "report": 2, "deploy": 2, "sys": 2,
    "net": 3,
    "proxy": 4, "admin": 4, "wrapper": 4, "service": 4, "worker": 4, "check": 4,
    "apps": 5, "adapters": 5,
}

# An adapter sees the public headers, as a user's own would, and what helps with its library's sockets; not the
# library's inside. Which calls it makes is its library's affair.
ADAPTERS_MAY_INCLUDE = {"base", "http", "sys", "net", "admin"}

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70

# <csignal>, <cerrno> and <sys/types.h> are not here: they name constants and types that every floor may speak of.
SYSTEM_HEADER = re.compile(
    r"^(sys|linux|netinet|arpa|net|asm)/(?!types\.h)|"
    r"^(unistd|signal|fcntl|poll|pthread|sched|netdb|dirent|termios|ifaddrs|spawn|grp|pwd|dlfcn|time)\.h$")
FILES = re.compile(r"^(fstream|filesystem)$")  # system calls too, under the simulated kernel's nose

# Libraries and the only places that may include them; nothing in a header but in the .cc files there.
LIBRARIES = [
    (re.compile(r"^nghttp2/"), {"http"}),
    (re.compile(r"^openssl/"), {"net"}),
]
HEAVY = re.compile(r"^(nlohmann/(?!json_fwd)|(CLI|fmt|toml\+\+)/)")

# Calls that belong to one place, and what to use instead.
CALLS = [
    (re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\("), set(), "wait for the condition, not for time to pass"),
    (re.compile(r"\b(steady_clock|system_clock|high_resolution_clock)::now\b"), {"sys"}, "time is an argument; sys::now() reads it"),
    (re.compile(r"\b(std::)?getenv\s*\("), {"apps"}, "the environment is read once, in main"),
    (re.compile(r"\bstd::(signal|raise)\s*\("), {"sys"}, "signals belong to sys/"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


class Source:
    def __init__(self, root, path):
        self.name = str(path.relative_to(root))
        parts = path.relative_to(root).parts
        self.folder = parts[1] if parts[0] == "src" else parts[0]
        self.is_test = path.name.endswith("_test.cc") or path.name.startswith("test_")
        self.is_header = path.suffix == ".h"
        self.lines = path.read_text(encoding="utf-8").splitlines()

    def includes(self):
        for number, line in enumerate(self.lines, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1), match.group(2)


def check_floor(source, modules):
    for number, quoted, _ in source.includes():
        if quoted is None or "/" not in quoted:
            continue
        target = quoted.split("/")[0]
        if target == "lastcall":  # the public headers lie below every floor
            continue
        if source.is_test and target in ("testing", "brokers") or target == source.folder or source.folder == "apps":
            continue
        if source.folder == "adapters" and target not in ADAPTERS_MAY_INCLUDE:
            yield number, f"adapters/ may not include {target}/: only {', '.join(sorted(ADAPTERS_MAY_INCLUDE))}/"
            continue
        if target not in FLOORS:
            yield number, f'"{quoted}" is no folder of src/'
        elif FLOORS[target] >= FLOORS[source.folder]:
            yield number, (f"{source.folder}/ (floor {FLOORS[source.folder]}) may not include {target}/ "
                           f"(floor {FLOORS[target]}): only its own folder and lower floors")
        elif target not in modules.get(source.folder, {target}):
            yield number, f"{source.folder}/ includes {target}/ but does not name it in CMakeLists.txt"


def check_system_headers(source):
    if source.folder == "sys" or source.is_test:
        return
    for number, _, system in source.includes():
        if system is None:
            continue
        if SYSTEM_HEADER.search(system) or FILES.search(system) and source.folder != "apps":
            yield number, f"<{system}> only in src/sys: call the kernel through sys/sys.h"


def check_libraries(source):
    for number, _, system in source.includes():
        if system is None:
            continue
        for library, folders in LIBRARIES:
            if library.search(system) and source.folder not in folders:
                yield number, f"<{system}> only in src/{'/, src/'.join(sorted(folders))}/"
        if HEAVY.search(system) and source.is_header:
            yield number, f"<{system}> not in a header: every includer would pay for it"


def check_calls(source):
    for number, line in enumerate(source.lines, 1):
        code = line.split("//")[0]
        for call, folders, instead in CALLS:
            if call.search(code) and source.folder not in folders:
                yield number, f"{call.search(code).group(0).strip('( ')} is banned here: {instead}"
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            yield number, "no TODO: do it or file an issue"


def check_header(source):
    if not source.is_header:
        return
    if not source.lines or not source.lines[0].startswith("// "):
        yield 1, "a header opens with a comment: what it is, what it is not, which thread"
    if "#pragma once" not in source.lines:
        yield 1, "a header has #pragma once"


def check_sizes(source):
    if len(source.lines) > MAX_FILE_LINES:
        yield MAX_FILE_LINES, f"a file has at most {MAX_FILE_LINES} lines, this one {len(source.lines)}"
    # clang-format puts the first line of a definition and its closing brace into column 0.
    start = None
    for number, line in enumerate(source.lines, 1):
        if line == "}" and start is not None:
            lines = number - start + 1
            if lines > MAX_FUNCTION_LINES:
                yield start, f"a function has at most {MAX_FUNCTION_LINES} lines, this one {lines}"
            start = None
        elif re.match(r"^[A-Za-z_~\[].*\(", line) and not line.endswith(";") and start is None:
            start = number
        elif re.match(r"^[A-Za-z_}].*;$|^(namespace|class|struct|enum|union)\b", line):
            start = None


def declared_modules(root):
    """What each folder may see, from the lastcall_module() lines."""
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    return {words[0]: set(words[1:]) for words in
            (match.split() for match in re.findall(r"^lastcall_module\(([^)]*)\)", text, re.M))}


def breaches(root):
    modules = declared_modules(root)
    for module, dependencies in modules.items():
        for dependency in dependencies:
            if FLOORS.get(dependency, 99) >= FLOORS.get(module, -1):
                yield f"CMakeLists.txt: {module} may not depend on {dependency}: only on lower floors"
    files = sorted(path for folder in ("src", "apps", "adapters") for path in (root / folder).rglob("*")
                   if path.suffix in (".h", ".cc"))
    for path in files:
        source = Source(root, path)
        if source.folder not in FLOORS:
            yield f"{source.name}:1: {source.folder}/ has no floor"
            continue
        checks = (check_header, check_sizes)
        if source.folder != "adapters":
            checks += (check_system_headers, check_libraries, check_calls)
        for check in checks:
            for number, rule in check(source):
                yield f"{source.name}:{number}: {rule}"
        for number, rule in check_floor(source, modules):
            yield f"{source.name}:{number}: {rule}"


def main():
    found = list(breaches(Path(sys.argv[1]).resolve()))
    for breach in found:
        print(breach)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
