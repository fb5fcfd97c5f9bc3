"""The compose file of `deploy/docker`, held where no engine answers, too: what it starts, that no
secret is in it, and who may have which.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
PLACE = PROJECT / "deploy" / "docker"
TEXT = (PLACE / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = sorted(name for name, one in SERVICES.items() if "IMAGE:-iu-cutter" in one["image"])


def test_it_starts_a_knowledge_base_a_prefect_server_a_worker_and_a_verifier() -> None:
    always = {name for name, one in SERVICES.items() if "profiles" not in one}
    assert always == {"postgres", "prefect-store", "prefect", "worker", "verifier"}
    for name, one in SERVICES.items():
        assert set(one.get("depends_on", {})) <= set(SERVICES), name
        for volume in one.get("volumes", ()):
            assert volume.partition(":")[0] in COMPOSE["volumes"], volume


def test_no_secret_is_in_it_and_each_is_a_file() -> None:
    assert all(set(one) == {"file"} for one in COMPOSE["secrets"].values())
    for one in SERVICES.values():
        for name, value in (one.get("environment") or {}).items():
            assert (
                name.endswith("_FILE")
                or not re.search("PASSWORD|AUTH|KEY|URL$", name)
                or value in ("http://prefect:4200/api", "http://127.0.0.1:4200/api")
            ), name
        assert set(one.get("secrets", ())) <= set(COMPOSE["secrets"])


def test_the_worker_never_has_the_administrators_password_nor_what_is_the_verifiers() -> None:
    assert "postgres-password" not in SERVICES["worker"]["secrets"]
    assert not SERVICES["verifier"].get("secrets")
    assert not any("PREFECT" in name for name in SERVICES["verifier"]["environment"])
    homes = [SERVICES[name]["volumes"] for name in ("worker", "verifier")]
    assert not set(homes[0]) & set(homes[1])


@pytest.mark.parametrize("name", OURS)
def test_what_is_ours_runs_without_rights_and_writes_only_its_volume(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]


def test_nothing_is_reached_from_elsewhere() -> None:
    ports = [port for one in SERVICES.values() for port in one.get("ports", ())]
    assert ports == ["127.0.0.1:4200:4200"]


def test_the_image_runs_as_a_user_and_installs_by_hashes_alone() -> None:
    lines = (PLACE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER cutter"]
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--editable ." in line for line in installs)
    for source in (line.split()[1:-1] for line in lines if line.startswith("COPY")):
        assert all((PROJECT / path).exists() for path in source)
