"""What a Hugging Face Hub keeps and answers, without the wire: repositories, commits, tags, large files."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

#: The token of the one user, who may write below ``user/``.
TOKEN = "hf_loopback"
#: Files that the Hub keeps as large ones, by ending, as its ``.gitattributes`` says.
LARGE = (".parquet", ".safetensors")


@dataclass
class Reply:
    """A status, a body (bytes as they are, all else as JSON), and headers beyond the usual."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(status: int, code: str = "", message: str = "") -> Reply:
    """An error as the Hub words it, in headers."""
    return Reply({"error": message or code}, status, {"X-Error-Code": code, "X-Error-Message": message})


class Repo:
    """Commits, each with all its files by path, and the branch and tags that point to them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.commits: dict[str, dict[str, bytes]] = {}
        self.names: dict[str, str] = {}
        self.commit({".gitattributes": "".join(f"*{end} filter=lfs\n" for end in LARGE).encode()})

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[self.names["main"]]

    def commit(self, files: dict[str, bytes]) -> str:
        content = [len(self.commits), sorted((path, etag(path, files[path])) for path in files)]
        sha = hashlib.sha1(json.dumps(content).encode()).hexdigest()
        self.commits[sha], self.names["main"] = files, sha
        return sha


class Request(NamedTuple):
    """A request: its line (``GET /api/…``, without the query), query, token, body."""

    line: str
    query: str
    token: str
    body: bytes


class Asked(NamedTuple):
    """What a request asks of a repository: the commit that its revision means, a path, a query, a body."""

    repo: Repo
    commit: str
    path: str
    query: str
    body: bytes


#: What answers a request to a repository.
Action = Callable[[Asked], Reply]


def etag(path: str, content: bytes) -> str:
    """The SHA-256 of a large file, git's hash of any other."""
    if path.endswith(LARGE):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def entries(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """Files and folders as the Hub lists them."""
    folders = {str(parent) for path in files for parent in Path(path).parents} - {"."}
    found: list[dict[str, Any]] = [{"type": "directory", "path": path, "oid": "0" * 40} for path in folders]
    for path, content in files.items():
        entry = {"type": "file", "path": path, "size": len(content), "oid": etag(path, content)}
        large = {"lfs": {"oid": entry["oid"], "size": len(content), "pointerSize": 130}}
        found.append({**entry, **(large if path.endswith(LARGE) else {})})
    return sorted(found, key=lambda entry: str(entry["path"]))


class Store:
    """Every repository by kind and id (``dataset``, ``user/backstop``), and the large files by hash."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.repos: dict[tuple[str, str], Repo] = {}
        self.large: dict[str, bytes] = {}
        api, plain, revision = (
            r"/api/(?P<kind>datasets|models)/(?P<id>[^/]+/[^/]+?)",
            r"/(?P<kind>datasets/)?(?P<id>[^/]+/[^/]+?)",
            r"(?P<revision>[^/]+)",
        )
        self.routes: dict[str, Action] = {
            rf"GET {api}(/revision/{revision})?": self.info,
            rf"GET {api}/tree/{revision}(/(?P<path>.+))?": self.tree,
            rf"(GET|HEAD) {plain}/resolve/{revision}/(?P<path>.+)": self.resolve,
            rf"WRITE {api}/preupload/{revision}": self.preupload,
            rf"WRITE {plain}\.git/info/lfs/objects/batch": self.batch,
            rf"WRITE {api}/commit/{revision}": self.commit,
            rf"WRITE {api}/tag/{revision}": self.tag,
        }

    def put(self, kind: str, id: str, folder: Path) -> str:
        """Make a commit of the files in `folder`; return it."""
        repo = self.repos.setdefault((kind, id), self.new_repo(kind, id))
        return repo.commit({**repo.files, **{path.name: path.read_bytes() for path in folder.iterdir()}})

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        line = request.line
        if line.startswith("PUT /large/"):  # the address alone allows it: no token is sent there
            self.large[line.rpartition("/")[2]] = request.body
            return Reply()
        if request.token not in ("", TOKEN):
            return refused(401, message="Invalid credentials in Authorization header")
        if line == "POST /api/validate-yaml":
            return Reply({"errors": [], "warnings": []})
        if line == "POST /api/repos/create":
            return self.create(json.loads(request.body), request.token)
        for pattern, action in self.routes.items():
            if found := re.fullmatch(pattern.replace("WRITE", "POST"), line):
                may_write = request.token and found["id"].startswith("user/")
                if pattern.startswith("WRITE") and not may_write:
                    return refused(403, message="You don't have the rights to write here")
                return self.in_repo(action, found.groupdict(), request)
        return refused(404, message=f"the double does not know {line}")

    def in_repo(self, action: Action, asked: dict[str, str | None], request: Request) -> Reply:
        kind = (asked["kind"] or "models").strip("/").removesuffix("s")
        repo = self.repos.get((kind, str(asked["id"])))
        if repo is None:
            return refused(404, "RepoNotFound") if request.token else refused(401)
        name = unquote(asked.get("revision") or "main")
        commit = repo.names.get(name, name)
        if commit not in repo.commits:
            return refused(404, "RevisionNotFound")
        path = unquote(asked.get("path") or "")
        return action(Asked(repo, commit, path, request.query, request.body))

    def create(self, wanted: dict[str, Any], token: str) -> Reply:
        if not token or wanted["organization"] != "user":
            return refused(403, message="You don't have the rights to create this repository")
        kind, id = wanted["type"], f"user/{wanted['name']}"
        self.repos[kind, id] = self.new_repo(kind, id)
        return Reply({"url": self.repos[kind, id].url})

    def new_repo(self, kind: str, id: str) -> Repo:
        return Repo(f"{self.url}/{'datasets/' if kind == 'dataset' else ''}{id}")

    def info(self, asked: Asked) -> Reply:
        siblings = [{"rfilename": path} for path in sorted(asked.repo.commits[asked.commit])]
        return Reply({"id": "id", "sha": asked.commit, "siblings": siblings, "tags": []})

    def tree(self, asked: Asked) -> Reply:
        below = f"{asked.path}/" if asked.path else ""
        found = [e for e in entries(asked.repo.commits[asked.commit]) if e["path"].startswith(below)]
        if "recursive=true" not in asked.query.lower():
            found = [entry for entry in found if "/" not in entry["path"].removeprefix(below)]
        return Reply(found) if found else refused(404, "EntryNotFound")

    def resolve(self, asked: Asked) -> Reply:
        content = asked.repo.commits[asked.commit].get(asked.path)
        headers = {"X-Repo-Commit": asked.commit}
        if content is None:
            return Reply(None, 404, {**headers, "X-Error-Code": "EntryNotFound"})
        return Reply(content, headers={**headers, "ETag": f'"{etag(asked.path, content)}"'})

    def preupload(self, asked: Asked) -> Reply:
        files = []
        for path in [file["path"] for file in json.loads(asked.body)["files"]]:
            mode = "lfs" if path.endswith(LARGE) else "regular"
            oid = etag(path, asked.repo.files[path]) if path in asked.repo.files else None
            files.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return Reply({"files": files})

    def batch(self, asked: Asked) -> Reply:
        objects = json.loads(asked.body)["objects"]
        for wanted in objects:
            if wanted["oid"] not in self.large:
                wanted["actions"] = {"upload": {"href": f"{self.url}/large/{wanted['oid']}"}}
        return Reply({"transfer": "basic", "objects": objects})

    def commit(self, asked: Asked) -> Reply:
        files = dict(asked.repo.files)
        for row in map(json.loads, asked.body.splitlines()):
            key, value = row["key"], row["value"]
            if key == "header" and value.get("parentCommit", asked.commit) != asked.commit:
                return refused(412, message="A commit has happened since. Please refresh and try again.")
            if key == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile":
                files[value["path"]] = self.large[value["oid"]]
            elif key == "deletedFile":
                del files[value["path"]]
        sha = asked.repo.commit(files)
        return Reply({"commitUrl": f"{asked.repo.url}/commit/{sha}", "commitOid": sha})

    def tag(self, asked: Asked) -> Reply:
        name = json.loads(asked.body)["tag"]
        if name in asked.repo.names:
            return refused(409, message=f"Tag {name} already exists")
        asked.repo.names[name] = asked.commit
        return Reply()
