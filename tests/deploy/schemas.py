"""Kubernetes' schemas in their strict form, in which an unknown field is an error. They are data of a pinned package of
PyPI, which is fetched once, into build/, and read where it lies: nothing of it is installed or run."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/kubernetes-schemas"
VERSIONS = ("v1.25.0", "v1.37.0")  # the oldest and the newest that the package has
FILES = {
    "Deployment": "deployment-apps-v1.json",
    "Service": "service-v1.json",
    "PodDisruptionBudget": "poddisruptionbudget-policy-v1.json",
}


def wheel():
    found = sorted(FOLDER.glob("kubernetes_validate-*.whl"))
    if not found:
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        fetch += ["--require-hashes", "--requirement", Path(__file__).with_name("requirements.txt"), "--dest", FOLDER]
        subprocess.run([str(word) for word in fetch], check=True, timeout=300)
        found = sorted(FOLDER.glob("kubernetes_validate-*.whl"))
    return zipfile.ZipFile(found[0])


def validators(version):
    """{kind: validator} for one version of Kubernetes."""
    with wheel() as data:

        def read(name):
            return json.loads(data.read(f"kubernetes_validate/kubernetes-json-schema/{version}-local-strict/{name}"))

        definitions = {"https://kubernetes.io/api/_definitions.json": read("_definitions.json")}
        schemas = {kind: read(name) for kind, name in FILES.items()}
    return {
        kind: jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver("https://kubernetes.io/", schema, definitions))
        for kind, schema in schemas.items()
    }
