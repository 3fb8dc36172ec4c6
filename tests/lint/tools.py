"""tools - the rules that need another program: the compiler, clang-format. Each returns None where
that program is absent. PLANTED as in rules.
"""
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

import csource

LIVING = {
    "log_state": "the log and its lock",
    "late_library": "bindings of a library that is loaded late, which are the process's as the linker's are",
    "late_at": "the same",
    "late_lock": "the same",
    "low_driver": "functions for libetpan, whose interface lacks the const; never written",
    "buf_empty": "the empty string of all empty bufs; never written",
}
FORMATTERS = ("clang-format-14", "clang-format")


def headers_compile_alone(root):
    """Each public header, included first and alone in a C file, compiles without a warning."""
    compiler = shlex.split(os.environ.get("CRMAIL_CC", "cc"))
    flags = shlex.split(os.environ.get("CRMAIL_CFLAGS", ""))
    include = pathlib.Path(root, "include")
    headers = sorted(str(p.relative_to(include)) for p in include.rglob("*.h"))

    def compile_one(name):
        command = [*compiler, "-std=c11", *flags, "-D_GNU_SOURCE", f"-I{include}", "-Wall", "-Wextra", "-Werror",
                   "-fsyntax-only", "-x", "c", "-"]
        done = subprocess.run(command, input=f'#include "{name}"\nstruct lint_needs_a_declaration;\n',
                              capture_output=True, text=True, check=False)
        return name, done.returncode, done.stderr
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, status, stderr in pool.map(compile_one, headers):
            if status:
                yield f"include/{name}", 1, "does not compile alone: " + " | ".join(stderr.splitlines()[:4])


def _objects(root, folder):
    """The built libraries; for a planted tree, what its sources compile to (into folder)."""
    build = os.environ.get("CRMAIL_BUILDDIR")
    if build and root == os.environ.get("CRMAIL_SRCDIR"):
        return sorted(str(path) for path in pathlib.Path(build).glob("lib*.a"))
    found = []
    for number, path in enumerate(sorted(pathlib.Path(root, "src").rglob("*.c"))):
        found.append(os.path.join(folder, f"{number}.o"))
        subprocess.run([*shlex.split(os.environ.get("CRMAIL_CC", "cc")), "-c", "-o", found[-1], str(path)], check=True)
    return found


def no_mutable_globals(root):
    """Process state is handed down from main(); only constants, and the log, live at fixed places."""
    symbol = re.compile(r" O (\.bss|\.data(?:\.rel(?:\.local)?)?|\.tbss|\.tdata)\s+\w+\s+(?:\.hidden )?(\S+)$")
    with tempfile.TemporaryDirectory(prefix="crmail-lint-") as folder:
        for path in _objects(root, folder):
            done = subprocess.run(["objdump", "-t", path], capture_output=True, text=True, check=False)
            for line in done.stdout.splitlines():
                match = symbol.search(line)
                name = match[2].partition(".")[0] if match else None
                if name and name not in LIVING and not name.startswith("__"):
                    yield os.path.basename(path), 1, f"{name} can be written: pass it down from main() (or say why not in LIVING)"


def formatter():
    """clang-format 14 if this machine has it: other versions break lines elsewhere."""
    for name in FORMATTERS:
        if shutil.which(name):
            version = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout
            if " version 14." in version:
                return name
    return None


def to_format(root):
    folders = ("src", "include", "tests", "bench")
    return [path for path, _ in csource.files(root, folders, (".c", ".h"))]


def formatted(root):
    """Every C file is as clang-format leaves it; "make format" mends what is not."""
    program = formatter()
    if program is None:
        return None
    files = to_format(root)
    if not files:
        return []
    done = subprocess.run([program, "--style=file", "--dry-run", "-Werror", "--ferror-limit=1", *files],
                          cwd=root, capture_output=True, text=True, check=False)
    found = []
    for line in done.stderr.splitlines():
        if ": error: " in line:
            path, number = line.split(":")[:2]
            found.append((path, int(number), 'not formatted; run "make format"'))
    if done.returncode and not found:
        found.append((".clang-format", 1, done.stderr.strip()[:400]))
    return found


def distributed(root):
    """Every file that git knows is in the tarball, by its name or by a folder of EXTRA_DIST."""
    listing = os.environ.get("CRMAIL_DISTFILES")
    if not pathlib.Path(root, ".git").exists() or not listing:
        return None
    names = {re.sub(r"^(\.\./)+", "", name.removeprefix(f"{root}/")) for name in listing.split()}
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    found = []
    for path in filter(None, done.stdout.split("\0")):
        above = {str(p) for p in pathlib.PurePath(path).parents} | {path}
        if not above & names and not path.startswith(("po/", ".git")) and pathlib.Path(root, path).exists():
            found.append((path, 1, "not in the tarball: name it, or its folder, in EXTRA_DIST of its area's .mk"))
    return found


RULES = [headers_compile_alone, no_mutable_globals, formatted, distributed]
PLANTED = {
    "headers_compile_alone": [{"include/crmail/base/x.h": "void x_take(size_t n);\n"}],
    "no_mutable_globals": [{"src/base/x.c": "static int n;\nint x_next(void);\nint x_next(void) { return ++n; }\n"},
                           {"src/base/x.c": "char *x_names[] = {\"a\", \"b\"};\n"}],
    "formatted": [{"src/base/x.c": "/* x */\nint   x( int a ) { return a; }\n",
                   ".clang-format": "BasedOnStyle: LLVM\n"}],
    "distributed": [{"src/base/x.c": "/* x */\n", ".git/description": "makes it a repository\n"}],
}
