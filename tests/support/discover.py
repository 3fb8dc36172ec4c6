"""Finds the system tests: functions test_*(t) in tests/{e2e,tui,sync}/test_*.py.

A file may say NEEDS = ("mail", "crm") for the servers its tests use, TIMEOUT = seconds for each of
them (60 without), and TIER = "slow".  A function may carry marks of its own: @mark(timeout=..., tier=...).
"""
import importlib.util
import os

AREAS = ("e2e", "tui", "sync")
TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEFAULT_TIMEOUT_S = 60


def mark(**marks):
    """Sets timeout (seconds) or tier ("system", "slow") of one test."""

    def put(function):
        for key, value in marks.items():
            setattr(function, key, value)
        return function

    return put


def load(path, root=TESTS):
    """The module of a test file given below the root."""
    name = "crmail_" + path[:-3].replace("/", "_")
    spec = importlib.util.spec_from_file_location(name, os.path.join(root, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Found:
    """One test, before it runs."""

    def __init__(self, path, module, function):
        self.path, self.function = path, function
        self.name = f"{path}::{function.__name__}"
        self.needs = tuple(getattr(module, "NEEDS", ()))
        self.timeout = getattr(function, "timeout", getattr(module, "TIMEOUT", DEFAULT_TIMEOUT_S))
        self.tier = getattr(function, "tier", getattr(module, "TIER", "system"))


def tests(only=None, tier="system", root=TESTS):
    """Every test of the tier whose name holds `only`; the slow tier includes the other."""
    found = []
    for area in AREAS:
        folder = os.path.join(root, area)
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        for name in (n for n in names if n.startswith("test_") and n.endswith(".py")):
            path = f"{area}/{name}"
            module = load(path, root)
            functions = [
                f for n, f in vars(module).items() if n.startswith("test_") and callable(f)
            ]
            found += [Found(path, module, f) for f in functions]
    return [
        f for f in found if (tier == "slow" or f.tier == "system") and (not only or only in f.name)
    ]
