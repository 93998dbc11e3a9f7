"""The HTML page as a reader has it: in a real Chromium, light and dark, wide and on a phone."""

import base64
import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest
from chromium import Chromium

ROOT = Path(__file__).resolve().parents[2]
LASTCALL = os.environ.get("LASTCALL_BIN", str(ROOT / "build/release/lastcall"))
SAMPLE = os.environ.get("LASTCALL_PAGES", str(ROOT / "build/dev/tests/page/page_sample"))

PAGES = ["failed", "passed", "compared", "hostile", "drained"]
LANES = {"failed": 9, "passed": 9, "compared": 18, "hostile": 9, "drained": 9}

# The colours that a text really has, on the ground that it really stands on, as WCAG 2.1 §1.4.3 compares them.
WEAK_TEXTS = """
const parse = text => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const ground = element => {
  for (let e = element; e; e = e.parentElement) {
    const colour = parse(getComputedStyle(e).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const weak = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || element.closest('script, .unseen, .shapes, title') || !element.getClientRects().length) continue;
  const style = getComputedStyle(element);
  const [a, b] = [light(parse(element.closest('svg') ? style.fill : style.color)), light(ground(element))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) weak.push(`${contrast.toFixed(2)}: ${element.className} ${element.textContent.slice(0, 40)}`);
}
return weak;
"""


class Browser(Chromium):
    def open(self, path, width, scheme="light"):
        self.driver.get_log("browser")
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.driver.get(path.as_uri())

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def count(self, selector):
        return self.ask(f"return document.querySelectorAll({selector!r}).length")

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def screenshot(self, path):
        size = self.ask("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        taken = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(taken["data"]))


@pytest.fixture(scope="module")
def browser():
    started = Browser()
    yield started
    started.close()


def drain_report(folder):
    """The example of the documentation."""
    text = (ROOT / "docs/drain-report.md").read_text()
    path = folder / "drain.json"
    path.write_text(re.search(r"```json\n(.*?)```", text, re.S).group(1))
    return path


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in PAGES[:-1]:
        page = subprocess.run([SAMPLE, name], check=True, capture_output=True).stdout
        (folder / f"{name}.html").write_bytes(page)
    subprocess.run([LASTCALL, "report", drain_report(folder), "--html", folder / "drained.html"], check=True)
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_lanes_and_findings_are_drawn_and_nobody_complains(browser, pages, name):
    browser.open(pages / f"{name}.html", 1280)
    assert browser.count(".lane svg.band") == LANES[name]
    drawn = browser.ask(
        "return [...document.querySelectorAll('.band path.good, .band path.flight, .band path.span')]"
        ".filter(p => p.getBoundingClientRect().width > 1).length")
    assert drawn >= LANES[name] / 2
    assert browser.count(".finding h3") >= 9
    assert browser.count("h1") == 1
    assert browser.complaints() == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser, pages, name, scheme):
    browser.open(pages / f"{name}.html", 1280, scheme)
    ground = browser.ask("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) == (scheme == "dark")
    browser.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.ask(WEAK_TEXTS) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 360, 640, 761, 1061, 1600])
def test_the_page_never_scrolls_sideways(browser, pages, name, width):
    browser.open(pages / f"{name}.html", width)
    browser.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.ask("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert browser.ask("return window.innerWidth") == width


def test_findings_stand_beside_the_timeline_and_below_it_on_a_phone(browser, pages):
    where = "return ['.timeline', '.findings'].map(s => document.querySelector(s).getBoundingClientRect().toJSON())"
    browser.open(pages / "failed.html", 1280)
    timeline, findings = browser.ask(where)
    assert findings["left"] >= timeline["right"] and findings["top"] == timeline["top"]
    browser.open(pages / "failed.html", 360)
    timeline, findings = browser.ask(where)
    assert findings["top"] >= timeline["bottom"] and findings["left"] == timeline["left"]


def test_verdicts_are_compared_side_by_side_on_one_scale(browser, pages):
    browser.open(pages / "compared.html", 1280)
    left, right = browser.ask(
        "return [...document.querySelectorAll('.chart')].map(c => c.getBoundingClientRect().toJSON())")
    assert left["top"] == right["top"] and left["width"] == right["width"] and left["right"] < right["left"]
    zeros = browser.ask(
        "return [...document.querySelectorAll('.flag.signal line')].map(l => l.getAttribute('x1'))")
    assert len(zeros) == 2 and len(set(zeros)) == 1


def test_nothing_from_outside_runs(browser, pages):
    browser.open(pages / "hostile.html", 1280)
    assert browser.count("script") == 1
    assert browser.count("img") == 0
    assert "owned" not in browser.ask("return document.title").split("<")[0]
    browser.ask("const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s)")
    assert browser.ask("return window.owned") is None
    assert "Content Security Policy" in " ".join(browser.complaints())


def test_a_lane_tells_its_numbers_under_the_pointer_and_by_keyboard(browser, pages):
    from selenium.webdriver import ActionChains, Keys

    browser.open(pages / "failed.html", 1280)
    lane = browser.driver.find_element("css selector", ".lane:nth-child(4) .band")
    readout = browser.driver.find_element("css selector", ".readout")
    ActionChains(browser.driver).move_to_element(lane).perform()
    assert re.match(r"slow requests, \+\d+\sms to \+\d+\sms: \d+\sbegun, ", readout.text)
    browser.ask("document.querySelector('.lane:nth-child(4) .band').focus()")
    before = readout.text
    ActionChains(browser.driver).send_keys(Keys.ARROW_RIGHT).perform()
    assert readout.text != before


def test_every_shape_has_a_name_for_those_who_do_not_see_it(browser, pages):
    browser.open(pages / "failed.html", 1280)
    assert browser.ask(
        "return [...document.querySelectorAll('svg')].filter(s => !s.closest('[aria-hidden], [aria-label]')).length") == 0
    assert browser.ask(
        "return [...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))"
        ".every((level, i, all) => i === 0 ? level === 1 : level <= all[i - 1] + 1)")


def test_it_can_be_printed(browser, pages):
    browser.open(pages / "failed.html", 1280, "dark")
    document = base64.b64decode(browser.cdp("Page.printToPDF", printBackground=False)["data"])
    assert document.startswith(b"%PDF") and len(document) > 20_000


@pytest.mark.parametrize("name", PAGES)
def test_it_looks_the_same_to_the_eye_of_whoever_checks(browser, pages, name):
    """Leaves the pictures to be looked at; says where."""
    for scheme, width in (("light", 1360), ("dark", 1360), ("light", 360), ("dark", 360)):
        browser.open(pages / f"{name}.html", width, scheme)
        picture = pages / f"{name}-{scheme}-{width}.png"
        browser.screenshot(picture)
        assert picture.stat().st_size > 10_000
        print(picture)


def test_the_policy_names_the_script_that_the_page_has(pages):
    page = (pages / "failed.html").read_text()
    script = re.search(r"<script>(.*?)</script>", page, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"sha256-{digest}" in page


def report(*arguments, stdin=None):
    return subprocess.run([LASTCALL, "report", *map(str, arguments)], input=stdin, capture_output=True, text=True)


def test_report_tells_a_drain_report_as_text(tmp_path):
    told = report(drain_report(tmp_path))
    assert told.returncode == 0
    assert told.stdout.startswith("unclean shutdown in 20.11 s after SIGTERM: exit status 1\n")
    assert report("-", stdin=drain_report(tmp_path).read_text()).stdout == told.stdout


def test_report_draws_into_a_file_or_on_standard_output(tmp_path):
    json, page = drain_report(tmp_path), tmp_path / "page.html"
    on_output = report(json, "--html")
    assert on_output.returncode == 0 and on_output.stdout.startswith("<!doctype html>")
    assert report(json, "--html", page).stdout == ""
    assert page.read_text() == on_output.stdout
    assert report(json, f"--html={page}").returncode == 0
    assert report(json, "--html", tmp_path / "no/such/folder.html").returncode == 125


@pytest.mark.parametrize("arguments, complaint", [
    ([], "which report?"),
    (["--html", "x"], "which report?"),
    (["{json}", "--pdf"], "does not understand '--pdf'"),
    (["{json}", "--html", "x", "y"], "does not understand 'y'"),
    (["{json}", "--html="], "names no file"),
    (["/no/such/file"], "cannot read /no/such/file: No such file or directory"),
    (["/dev/null"], "this is no drain report: it is not JSON"),
])
def test_report_says_what_it_does_not_understand(tmp_path, arguments, complaint):
    json = drain_report(tmp_path)
    told = report(*(argument.format(json=json) for argument in arguments))
    assert told.returncode == 2
    assert complaint in told.stderr
    assert told.stdout == ""


def test_report_explains_itself():
    told = report("--help")
    assert told.returncode == 0 and told.stdout.startswith("Usage: lastcall report FILE")
