"""`lastcall completion`, in the shells themselves."""

import os
import pty
import re
import subprocess

import pytest

import harness

FLAG = re.compile(r"^  (--[a-z-]+)", re.M)


def lastcall(*words):
    return subprocess.run([harness.LASTCALL, *words], capture_output=True, text=True, timeout=20)


def flags_of(command):
    """Those that its help lists."""
    return set(FLAG.findall(lastcall("help", command).stdout)) - {"--version"} | {"--help"}


def bash(*words):
    """What bash offers for the last of `words`."""
    typed = " ".join(f"'{word}'" for word in words)
    script = f"""source <({harness.LASTCALL} completion bash)
COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _lastcall; printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def fish(line):
    """What fish offers for the line's last word."""
    script = f"{harness.LASTCALL} completion fish | source; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    return {offer.split("\t")[0] for offer in done.stdout.splitlines()}


def zsh(line, folder):
    """The line after a tab, in a zsh on a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe("zsh", ["zsh", "-f"], {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder)})
    seen = ""

    def type_and_await(text, mark):
        nonlocal seen
        os.write(terminal, text.encode())
        start = len(seen)
        while mark not in seen[start:]:
            chunk = os.read(terminal, 4096).decode(errors="replace")
            assert chunk, seen
            seen += chunk
        return seen[start:]

    try:
        setup = f"PS1=; autoload -Uz compinit; compinit -D; source <({harness.LASTCALL} completion zsh); echo set''up\n"
        type_and_await(setup, "setup")
        # The widget says what the line has become, whatever the terminal does with it.
        widget = "tell() { zle expand-or-complete; print -r -- \"<<$BUFFER>>\" }; zle -N tell; bindkey '^T' tell"
        type_and_await(f"{widget}; echo bo''und\n", "bound")
        return re.search(r"<<(.*)>>", type_and_await(line + "\x14", ">>"))[1]
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("command", ["run", "check"])
def test_every_option_is_offered(command):
    assert bash("lastcall", command, "--") == flags_of(command)
    assert fish(f"lastcall {command} --") >= flags_of(command)


def test_fish_is_told_of_each_option_once():
    script = lastcall("completion", "fish").stdout
    assert len(re.findall(r" -l idle-timeout ", script)) == 1
    assert fish("lastcall config --idle-t") == {"--idle-timeout"} == fish("lastcall manifest docker --idle-t")


def test_every_command_is_offered():
    known = re.search(r"the commands are (.*?);", lastcall("no-command").stderr)[1].split(", ")
    assert bash("lastcall", "") == {*known, "help"} == fish("lastcall ")


def test_a_part_of_a_word_narrows_what_is_offered(tmp_path):
    assert bash("lastcall", "run", "--lame-duck-") == {"--lame-duck-min", "--lame-duck-quiet"}
    assert fish("lastcall manifest kubernetes --repl") == {"--replicas"}
    assert zsh("lastcall mani", tmp_path) == "lastcall manifest "
    assert zsh("lastcall run --lame-duck-q", tmp_path) == "lastcall run --lame-duck-quiet="


def test_values_and_operands_are_offered(tmp_path):
    platforms = bash("lastcall", "run", "--platform", "")
    assert platforms == fish("lastcall run --platform ") >= {"auto", "none", "kubernetes", "cloud-run"}
    assert bash("lastcall", "run", "--log-format", "=", "j") == {"json"} == fish("lastcall run --log-format j")
    assert bash("lastcall", "drain", "--") == {"--help", "--undo", "--wait", "--control"}
    assert fish("lastcall drain --") >= {"--undo", "--wait", "--control"}
    assert bash("lastcall", "manifest", "") == {"kubernetes", "systemd", "docker"} == fish("lastcall manifest ")
    assert bash("lastcall", "completion", "") == {"bash", "zsh", "fish"}
    assert bash("lastcall", "help", "man") == {"manifest"}
    assert bash("lastcall", "explain", "LC20") == fish("lastcall explain LC20") >= {"LC201", "LC207"}
    assert zsh("lastcall manifest kub", tmp_path) == "lastcall manifest kubernetes "
    assert zsh("lastcall run --compat=th", tmp_path) == "lastcall run --compat=thruster "


def test_every_platform_is_offered():
    words = re.search(r"is none of (.*)", lastcall("run", "--platform", "nowhere", "--", "app").stderr)[1]
    assert bash("lastcall", "run", "--platform", "") == set(words.split(", "))


def test_the_apps_own_words_are_left_alone():
    assert bash("lastcall", "run", "--", "puma", "--") == set()


def test_another_shell_is_an_error():
    done = lastcall("completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "bash|zsh|fish" in done.stderr
