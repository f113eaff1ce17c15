"""`/docs`: the OpenAPI document as one page, without script and without anything from elsewhere."""

import json
import re
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from suite.http.problems import KINDS
from suite.http.reference import document

STYLE_PATH = "/docs/style.css"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem 1.5rem; color: #1c2733;
  background: #fff }
h1, h2, h3 { line-height: 1.25 } h2 { margin-top: 2.5rem; border-bottom: 1px solid #d5dde5 }
code, pre { font: 13px/1.45 ui-monospace, monospace } pre { background: #f3f6f9; padding: .75rem; overflow-x: auto }
h3 b { display: inline-block; min-width: 4rem; color: #0b5c9e } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid #e5eaef }
summary { cursor: pointer; color: #0b5c9e } nav a { margin-right: 1rem }
@media (prefers-color-scheme: dark) { body { background: #12181f; color: #dbe4ec } pre { background: #1b242e }
  h2, th, td { border-color: #2c3843 } a, summary, h3 b { color: #7fbdf0 } }
"""

router = APIRouter(include_in_schema=False)


@router.get(STYLE_PATH)
async def style() -> Response:
    """The page's style."""
    return Response(_STYLE, media_type="text/css")


@router.get("/docs")
async def reference(request: Request) -> Response:
    """The page."""
    return HTMLResponse(page(document(request.app)))


def page(schema: dict[str, Any]) -> str:
    """The whole page."""
    info = schema["info"]
    paths = [
        (path, method, operation)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    links = "".join(f'<a href="#{_anchor(path, method)}">{escape(path)}</a> ' for path, method, _ in paths)
    body = "".join(_operation(path, method, operation) for path, method, operation in paths)
    shapes = "".join(_details(name, shape, f"shape-{name}") for name, shape in schema["components"]["schemas"].items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{STYLE_PATH}"></head>'
        f"<body><h1>{escape(info['title'])} {escape(info['version'])}</h1>{_text(info.get('description', ''))}"
        f'<p>For tools: <a href="/openapi.json">/openapi.json</a></p><nav>{links}</nav>{body}'
        f'<h2 id="problems">Problems</h2>{_problems()}<h2 id="shapes">Shapes</h2>{shapes}</body></html>'
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    return (
        f'<section><h3 id="{_anchor(path, method)}"><b>{method.upper()}</b> <code>{escape(path)}</code></h3>'
        f"<p>{escape(operation['summary'])}</p>{_text(operation.get('description', ''))}"
        f"{_parameters(operation.get('parameters', []))}"
        f"{_content('Body', operation.get('requestBody', {}).get('content', {}))}"
        f"{_responses(operation['responses'])}</section>"
    )


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        [
            f"<code>{escape(each['name'])}</code>",
            f"in {each['in']}" + ("" if each["required"] else ", optional"),
            _text(each.get("description", "")),
            f"<code>{escape(json.dumps(each['schema']))}</code>",
        ]
        for each in parameters
    ]
    return _table(["Parameter", "", "", "Schema"], rows) if rows else ""


def _responses(responses: dict[str, Any]) -> str:
    rows = [
        [f"<b>{status}</b>", _text(told.get("description", "")), _shape_of(told)] for status, told in responses.items()
    ]
    examples = "".join(_content(f"Answer {status}", told.get("content", {})) for status, told in responses.items())
    return _table(["Status", "", "Shape"], rows) + examples


def _shape_of(response: dict[str, Any]) -> str:
    names = dict.fromkeys(re.findall(r"#/components/schemas/(\w+)", json.dumps(response.get("content", {}))))
    return ", ".join(f'<a href="#shape-{name}">{name}</a>' for name in names)


def _content(title: str, content: dict[str, Any]) -> str:
    made = ""
    for media_type, told in content.items():
        examples = {name: each["value"] for name, each in told.get("examples", {}).items()}
        if "example" in told:
            examples[""] = told["example"]
        for name, example in examples.items():
            made += _details(f"{title}: {media_type} {name}".rstrip(), example)
    return made


def _problems() -> str:
    rows = [
        [f'<code id="{kind.slug}">{kind.slug}</code>', str(kind.status), escape(kind.title), escape(kind.meaning)]
        for kind in KINDS
    ]
    return _table(["Type", "Status", "Title", "What to do"], rows)


def _details(title: str, value: Any, anchor: str = "") -> str:
    shown = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    named = f' id="{escape(anchor)}"' if anchor else ""
    return f"<details{named}><summary>{escape(title)}</summary><pre>{escape(shown)}</pre></details>"


def _table(head: list[str], rows: list[list[str]]) -> str:
    first = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    others = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{first}</tr>{others}</table>"


def _text(markdown: str) -> str:
    """Paragraphs and code spans; our descriptions use no other Markdown."""
    paragraphs = [re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(part)) for part in markdown.split("\n\n") if part]
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def _anchor(path: str, method: str) -> str:
    return f"{method}{re.sub(r'[^a-z0-9]+', '-', path)}".strip("-")
