"""What `lastcall manifest` prints: the files in deploy/, read by the tools of the platforms that they are for."""

import json
import os
import re
import shlex
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
import yaml

import harness
import schemas

DEPLOY = harness.ROOT / "deploy"
COMMANDS = {"kubernetes": "/app/server", "systemd": "/usr/local/bin/server", "docker": "/app/server"}
AWKWARD = ["/app/server", "two words", 'say "hi"', "back\\slash", "$HOME", "$(HOME)", "100%", ";", "", "{port}", "é"]


def manifest(*words, env=None):
    done = subprocess.run(
        [harness.LASTCALL, "manifest", *words], capture_output=True, text=True, env={**os.environ, **(env or {})}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(*words):
    """What it says to words that it does not take."""
    done = subprocess.run([harness.LASTCALL, "manifest", *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def warned(*words):
    done = subprocess.run([harness.LASTCALL, "manifest", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def into(folder, *words):
    """{file: text} of what is written."""
    listed = manifest(*words[:1], "--into", folder, *words[1:])
    files = {path.name: path.read_text() for path in Path(folder).iterdir()}
    assert sorted(listed.split()) == sorted(f"{folder}/{name}" for name in files)
    return files


def resources(text):
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


def container(text):
    return resources(text)["Deployment"]["spec"]["template"]["spec"]["containers"][0]


def milliseconds(duration):
    units = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)(ms|[hms])", duration))


@pytest.mark.parametrize("kind", COMMANDS)
def test_the_folder_deploy_holds_what_is_printed(kind, tmp_path):
    committed = {path.name: path.read_text() for path in (DEPLOY / kind).iterdir()}
    assert into(tmp_path, kind, "--", COMMANDS[kind]) == committed, "scripts/docs renews deploy/"


def test_what_is_printed_is_what_is_written_but_for_the_kustomization(tmp_path):
    written = into(tmp_path, "kubernetes", "--", "/app/server")
    assert resources(manifest("kubernetes", "--", "/app/server")) == resources(written["app.yaml"])


def test_kustomize_renders_the_folder():
    done = subprocess.run(["kubectl", "kustomize", DEPLOY / "kubernetes"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert resources(done.stdout) == resources((DEPLOY / "kubernetes/app.yaml").read_text())


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_every_resource_is_one_of_kubernetes(version):
    validators = schemas.validators(version)
    texts = [manifest("kubernetes", "--", "/app/server"), manifest("kubernetes", "--name", "on", "--", *AWKWARD)]
    for document in [document for text in texts for document in yaml.safe_load_all(text)]:
        assert [error.message for error in validators[document["kind"]].iter_errors(document)] == []
    broken = resources(texts[0])["Deployment"]
    broken["spec"]["template"]["spec"]["terminationGracePeriodSecond"] = 30
    assert any(True for _ in validators["Deployment"].iter_errors(broken)), "the schema finds nothing"


@pytest.mark.parametrize("grace", [None, "45s", "2m30s", "11500ms"])
def test_the_platforms_grace_period_and_ours_are_one_value(grace):
    flags = ["--grace", grace] if grace else []
    text = manifest("kubernetes", *flags, "--", "/app/server")
    seconds = resources(text)["Deployment"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    ours = {entry["name"]: entry["value"] for entry in container(text)["env"]}["LASTCALL_GRACE"]
    assert ours == (grace or "30s")
    assert seconds == -(-milliseconds(ours) // 1000)
    unit = manifest("systemd", *flags, "--", "/usr/bin/app")
    assert re.search(r'^Environment="LASTCALL_GRACE=(.*)"$', unit, re.M)[1] == (grace or "1m30s")
    assert int(re.search(r"^TimeoutStopSec=(\d+)s$", unit, re.M)[1]) == (seconds if grace else 90)


def test_the_parts_name_each_other():
    parts = resources(manifest("kubernetes", "--name", "on", "--listen", ":8000", "--admin", ":9000", "--", "/app/server"))
    pod = parts["Deployment"]["spec"]["template"]
    labels = {"app.kubernetes.io/name": "on"}
    assert parts["Service"]["spec"]["selector"] == labels == pod["metadata"]["labels"]
    assert parts["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    one = pod["spec"]["containers"][0]
    assert {port["name"]: port["containerPort"] for port in one["ports"]} == {"http": 8000, "admin": 9000}
    assert {variable["name"]: variable["value"] for variable in one["env"]}["LASTCALL_LISTEN"] == ":8000"


def test_a_manifest_does_not_depend_on_the_shell_it_is_printed_in():
    plain = manifest("kubernetes", "--", "/app/server")
    assert manifest("kubernetes", "--", "/app/server", env={"LASTCALL_GRACE": "5s", "PORT": "1"}) == plain


def test_a_settings_file_becomes_variables(tmp_path):
    file = tmp_path / "lastcall.toml"
    file.write_text('grace = "50s"\nhealth-path = ["/up", "/healthz"]\naccess-log = true\n')
    text = manifest("kubernetes", "--config", str(file), "--", "/app/server")
    variables = {entry["name"]: entry["value"] for entry in container(text)["env"]}
    assert variables["LASTCALL_GRACE"] == "50s"
    assert variables["LASTCALL_HEALTH_PATH"] == "/up,/healthz"
    assert variables["LASTCALL_ACCESS_LOG"] == "on"
    assert "LASTCALL_CONFIG" not in variables


def test_the_words_of_the_command_arrive_as_they_are():
    arguments = container(manifest("kubernetes", "--", *AWKWARD))["args"]
    assert [word.replace("$$(", "$(") for word in arguments] == AWKWARD
    last = manifest("docker", "--", *AWKWARD).splitlines()[-1]
    assert json.loads(last.removeprefix("CMD ")) == AWKWARD
    line = re.search(r"^ExecStart=(.*)$", manifest("systemd", "--", *AWKWARD), re.M)[1]
    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]
    assert words == ["/usr/local/bin/lastcall", "run", "--", *AWKWARD]


@pytest.fixture
def units(tmp_path):
    """units(*words) writes the unit and its socket, with the lastcall that is tested."""

    def write(*words):
        files = into(tmp_path, "systemd", *words)
        for name, text in files.items():
            (tmp_path / name).write_text(text.replace("/usr/local/bin/lastcall", harness.LASTCALL))
        return [tmp_path / name for name in files]

    return write


def analyze(*words):
    done = subprocess.run(["systemd-analyze", "--man=no", *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("words", [["--", "/bin/true"], ["--listen", "unix:/run/app.sock", "--", "/bin/true"]])
def test_systemd_finds_no_fault_in_the_units(units, words):
    assert analyze("verify", *units(*words)) == (0, "")


def test_systemd_would_find_one(units):
    files = units("--", "/bin/true")
    service = next(path for path in files if path.suffix == ".service")
    service.write_text(service.read_text().replace("KillMode=mixed", "KillMode=mixd"))
    assert "kill mode" in analyze("verify", *files)[1]


def test_the_unit_is_exposed_to_little(units):
    service = next(path for path in units("--", "/bin/true") if path.suffix == ".service")
    status, told = analyze("security", "--offline=true", "--threshold=20", service)
    assert status == 0, told


def test_what_the_platform_could_not_reach_is_refused():
    for words, told in [
        (["kubernetes", "--admin", "off"], "--admin is off"),
        (["kubernetes", "--admin", "127.0.0.1:9797"], "cannot be reached by the platform's probes"),
        (["kubernetes", "--listen", "unix:/run/app.sock"], "cannot be reached from outside the container"),
        (["docker", "--listen", "unix:/run/app.sock"], "cannot be reached from outside the container"),
        (["kubernetes", "--listen", "127.0.0.1:8080"], "cannot be reached from outside the container"),
        (["docker", "--listen", "[::1]:8080"], "cannot be reached from outside the container"),
        (["systemd", "--listen", ":0"], "is another port at each start"),
        (["systemd", "--listen", "unix:/run/app/http.sock"], "goes away each time it stops"),
        (["kubernetes", "--admin", ":8080"], "are one port"),
        (["systemd", "--admin", "127.0.0.1:8080"], "are one port"),
        (["kubernetes", "--name", "My App"], "--name: 'My App' is no name"),
        (["kubernetes", "--grace", "5"], "--grace: '5'"),
        (["heroku"], "no manifest for 'heroku'"),
    ]:
        assert told in refused(*words, "--", "/app/server")


def test_what_is_of_another_platform_or_of_run_alone_is_refused(tmp_path):
    for words, told in [
        (["kubernetes", "--platform", "heroku"], "--platform is heroku, and the manifest is for kubernetes"),
        (["docker", "--replicas", "3"], "--replicas means nothing to a manifest for docker"),
        (["systemd", "--image", "shop:7"], "--image means nothing to a manifest for systemd"),
        (["kubernetes", "--foreground"], "--foreground gives the app a terminal"),
        (["kubernetes", "--dry-run"], "--dry-run is of lastcall run"),
    ]:
        assert told in refused(*words, "--", "/app/server")
    file = tmp_path / "lastcall.toml"
    file.write_text('grace = "30s"\nplatform = "heroku"\n')
    assert f"{file}:2: platform is heroku" in refused("docker", "--config", file, "--", "/app/server")
    assert "LASTCALL_PLATFORM" in manifest("docker", "--platform", "docker", "--", "/app/server")


def test_what_will_probably_not_be_found_is_told():
    assert "'node' will not be found there" in warned("docker", "--", "node", "server.js")
    assert "'./server' will not be found there" in warned("docker", "--", "./server")
    assert warned("docker", "--", "/app/server") == ""
    assert "'server.js' is relative" in warned("systemd", "--", "/usr/bin/node", "server.js")
    assert "'bin/shop' is relative" in warned("systemd", "--", "bin/shop")
    assert warned("systemd", "--", "/usr/bin/node", "/srv/shop/server.js", "--color") == ""


def test_the_unit_may_write_the_report_where_it_is_told_to():
    assert "may not write --report /srv/r.json" in warned("systemd", "--report", "/srv/r.json", "--", "/bin/true")
    for path in ["/var/log/app/r.json", "/run/app/r.json"]:
        assert warned("systemd", "--report", path, "--", "/bin/true") == ""
    assert "\nLogsDirectory=app\n" in manifest("systemd", "--report", "/var/log/app/r.json", "--", "/bin/true")


@pytest.mark.parametrize("platform", ["kubernetes", "systemd", "docker"])
@pytest.mark.parametrize(
    "setting",
    [
        ("--report", "report.json"),
        ("--error-page", "503=pages/503.html"),
        ("--control", "./control.sock"),
        ("--upstream", "unix:app.sock"),
    ],
)
def test_a_path_that_means_nothing_elsewhere_is_refused(platform, setting):
    words = [harness.LASTCALL, "manifest", platform, *setting, "--", "/app/server"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"lastcall: {setting[0]}: ")
    assert " is relative, and a manifest is used in another folder" in done.stderr


@pytest.mark.parametrize(("ports", "first"), [([":80"], "80"), ([":8080", "--admin", ":900"], "900"), ([":8080"], None)])
def test_a_pod_without_privileges_may_open_its_ports(ports, first):
    pod = resources(manifest("kubernetes", "--listen", *ports, "--", "/app/server"))["Deployment"]["spec"]["template"]["spec"]
    wanted = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": first}] if first else None
    assert pod["securityContext"].get("sysctls") == wanted


def test_no_file_that_differs_is_overwritten_unless_forced(tmp_path):
    theirs = tmp_path / "kustomization.yaml"
    theirs.write_text("resources: [mine.yaml]\n")
    words = [harness.LASTCALL, "manifest", "kubernetes", "--into", tmp_path, "--", "/app/server"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{theirs} is there already, and differs: nothing was written" in done.stderr
    assert (theirs.read_text(), os.listdir(tmp_path)) == ("resources: [mine.yaml]\n", [theirs.name])
    forced = into(tmp_path, "kubernetes", "--force", "--", "/app/server")
    assert forced == into(tmp_path, "kubernetes", "--", "/app/server"), "what does not differ is no obstacle"


def test_the_control_socket_has_its_place():
    unit = manifest("systemd", "--name", "shop", "--", "/bin/true")
    assert '\nEnvironment="LASTCALL_CONTROL=/run/shop/control.sock"\n' in unit
    assert "\nRuntimeDirectory=shop\nRuntimeDirectoryMode=0700\n" in unit
    one = container(manifest("kubernetes", "--", "/app/server"))
    assert {entry["name"]: entry["value"] for entry in one["env"]}["LASTCALL_CONTROL"] == "/run/lastcall/control.sock"
    assert one["volumeMounts"] == [{"name": "run", "mountPath": "/run/lastcall"}]
    asked = container(manifest("kubernetes", "--control", "off", "--", "/app/server"))["env"]
    assert [entry["value"] for entry in asked if entry["name"] == "LASTCALL_CONTROL"] == ["off"]


def instructions(dockerfile):
    """(instruction, argument) of each, continued lines joined."""
    text = re.sub(r"^#.*\n", "", dockerfile, flags=re.M).replace("\\\n", "")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line]


def test_the_image_is_given_what_a_preset_of_ours_builds_outside_of_the_sources():
    """A build folder that came along with the sources has another machine's paths in its cache."""
    dockerfile = instructions((DEPLOY / "docker/Dockerfile").read_text())
    preset, folder = re.search(r"cmake --preset (\S+) -B (\S+)", dict(dockerfile)["RUN"]).groups()
    presets = json.loads((harness.ROOT / "CMakePresets.json").read_text())["configurePresets"]
    assert "ON" == next(one["cacheVariables"]["LASTCALL_STATIC"] for one in presets if one["name"] == preset)
    assert not folder.startswith(dict(dockerfile)["WORKDIR"])
    assert ("COPY", f"--from=lastcall {folder}/lastcall /lastcall") in dockerfile


def test_the_final_image_runs_though_it_holds_nothing_else(start, tmp_path):
    """Docker is not asked: its last stage is done by hand, in an empty folder."""
    tiny_http = Path(harness.LOAD).with_name("tiny_http")
    if os.geteuid() != 0 or "INTERP" in subprocess.run(["readelf", "-l", harness.LASTCALL], capture_output=True, text=True).stdout:
        pytest.skip("needs root, for chroot, and a lastcall that is linked statically")
    dockerfile = instructions((DEPLOY / "docker/Dockerfile").read_text())
    last_stage = dockerfile[max(i for i, (name, _) in enumerate(dockerfile) if name == "FROM") :]
    steps = dict(last_stage)
    assert steps["FROM"] == "scratch"
    port = harness.free_port()
    (tmp_path / "app").mkdir()
    assert ("COPY", "--from=lastcall --chown=65532:65532 /image/ /") in last_stage
    made = re.search(r"install -d -m (0\d+) -o (\d+) -g (\d+) /image(\S+)", dict(dockerfile)["RUN"])
    subprocess.run(["install", "-d", "-m", made[1], "-o", made[2], "-g", made[3], f"{tmp_path}{made[4]}"], check=True)
    shutil.copy(harness.LASTCALL, tmp_path / "lastcall")
    shutil.copy(tiny_http, tmp_path / "app/server")
    tmp_path.chmod(0o755)
    env = dict(variable.split("=", 1) for variable in shlex.split(steps["ENV"]))
    command = json.loads(steps["ENTRYPOINT"]) + json.loads(steps["CMD"])
    container = [shutil.which("chroot"), f"--userspec={steps['USER']}", tmp_path, *command]
    process = start(container, {**env, "LASTCALL_LISTEN": f":{port}", "LASTCALL_ADMIN": "off"})
    process.wait_for_http(port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        assert response.status == 200
    status = subprocess.run([*container[:3], "/lastcall", "status"], capture_output=True, text=True, timeout=20)
    assert (status.returncode, status.stderr) == (0, "")
    assert status.stdout.startswith("phase      serving")
    process.signal()
    assert process.wait() == 0
