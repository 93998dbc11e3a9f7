"""What `cmake --install` leaves is enough to build and run a service: by find_package and by pkg-config, from the
installed tree alone."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LASTCALL_BUILD", ROOT / "build/dev"))
CONSUMER = pathlib.Path(__file__).with_name("consumer")


def run(*argv, **options):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
    return done.stdout


def commands_of_the_guide(prefix):
    """How the guide builds and installs, but in a build that is there: without its line that configures one."""
    text = (ROOT / "docs/library.md").read_text()
    lines = re.findall(r"^cmake --(?:build|install) [^#\n]*", text, re.M)
    assert [line.split()[1] for line in lines] == ["--build", "--install"]
    places = {"build/library": str(BUILD), "/usr/local": str(prefix)}
    return [[places.get(word, word) for word in line.split()] for line in lines]


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Where the library lies, moved after it was installed: nothing in it may know its place."""
    installed = tmp_path_factory.mktemp("install") / "prefix"
    for command in commands_of_the_guide(installed):
        run(*command)
    return shutil.move(installed, tmp_path_factory.mktemp("moved") / "prefix")


def stops_cleanly(program):
    with subprocess.Popen([program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as service:
        assert service.stdout.readline() == "ready\n"
        service.send_signal(signal.SIGTERM)
        out, err = service.communicate(timeout=60)
    assert (service.returncode, out) == (0, "database closed\n"), err


def components(prefix):
    return sorted(path.parent.name for path in pathlib.Path(prefix).glob("lib*/**/cmake/lastcall/*/targets.cmake"))


def configure(prefix, build, names):
    return ("cmake", "-G", "Ninja", "-S", CONSUMER, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
            "-DCOMPONENTS=" + ";".join(names))


def test_a_service_is_built_with_find_package(prefix, tmp_path):
    run(*configure(prefix, tmp_path, []))
    run("cmake", "--build", tmp_path)
    stops_cleanly(tmp_path / "consumer")


def test_every_adapter_is_a_component(prefix, tmp_path):
    names = components(prefix)
    assert names, "no adapter was built"
    run(*configure(prefix, tmp_path, names))
    run("cmake", "--build", tmp_path)


def test_a_component_that_is_not_there_is_named(prefix, tmp_path):
    done = subprocess.run([str(word) for word in configure(prefix, tmp_path, ["mainframe"])], capture_output=True, text=True)
    assert done.returncode != 0
    assert "no component mainframe" in " ".join(done.stderr.split())


def test_a_service_is_built_with_pkg_config(prefix, tmp_path):
    [pc] = pathlib.Path(prefix).glob("lib/**/lastcall.pc")
    flags = run("pkg-config", "--cflags", "--libs", "lastcall", env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)})
    program = tmp_path / "service"
    run("g++", "-std=c++20", CONSUMER / "main.cc", "-o", program, *flags.split())
    stops_cleanly(program)


def programs_of_the_guide():
    blocks = re.findall(r"^```cpp\n(.*?)^```", (ROOT / "docs/library.md").read_text(), re.M | re.S)
    return [block for block in blocks if "int main" in block]


@pytest.mark.parametrize("text", programs_of_the_guide())
def test_a_program_of_the_guide_is_built(text, prefix, tmp_path):
    source = tmp_path / "guide.cc"
    source.write_text(text)
    names = [name for name in components(prefix) if f"<lastcall/{name}.h>" in text]
    run(*configure(prefix, tmp_path / "build", names), f"-DPROGRAM={source}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
    run("cmake", "--build", tmp_path / "build")


def test_each_header_stands_alone_and_shows_no_third_party(prefix, tmp_path):
    include = pathlib.Path(prefix) / "include"
    core = {path.name for path in (ROOT / "include/lastcall").glob("*.h")}
    for name in sorted(core):
        source = tmp_path / "one.cc"
        source.write_text(f"#include <lastcall/{name}>\nint main() {{}}\n")
        seen = run("g++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", include, "-M", source)
        foreign = [path for path in seen.split() if path.startswith("/usr/include/") and "/c++/" not in path
                   and any(word in path for word in ("boost", "nlohmann", "fmt", "grpc", "spdlog"))]
        assert not foreign, f"{name}: {foreign}"
        run("g++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", include, "-fsyntax-only", source)


def test_the_command_comes_with_its_manual(tmp_path):
    run("cmake", "--install", BUILD, "--component", "command", "--prefix", tmp_path)
    assert run(tmp_path / "bin/lastcall", "--version").startswith("lastcall ")
    shown = run("groff", "-man", "-Tascii", tmp_path / "share/man/man1/lastcall.1")
    assert "--lame-duck" in re.sub(".\x08", "", shown)  # bold is struck twice
