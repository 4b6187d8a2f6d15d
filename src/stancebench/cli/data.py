"""``stancebench data``: documents, judgements, the dataset."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stancebench.cli import Commands
    from stancebench.corpus.judgements import Annotations


def add_data_commands(commands: Commands) -> None:
    """Add ``stancebench data …``."""
    build = commands.add_parser("build", help="build the labelled examples")
    build.add_argument("--article", type=Path, metavar="FILE", help="also the article split")
    build.set_defaults(run=_build)

    _add_hydrate(commands)

    ingest = commands.add_parser("ingest", help="recognise an article, or write its sheet")
    ingest.add_argument("file", type=Path, metavar="FILE")
    ingest.add_argument("--output", type=Path, default=Path("tasks"), help="folder (default: tasks)")
    ingest.set_defaults(run=_ingest)

    agreement = commands.add_parser("agreement", help="Krippendorff's alpha of the raw judgements")
    agreement.set_defaults(run=_agreement)

    audit = commands.add_parser("audit", help="measure what the dataset promises; fails where it falls short")
    audit.add_argument("--output", type=Path, metavar="FILE", help="also write the outcome as JSON")
    audit.set_defaults(run=_audit)

    reread = commands.add_parser("reread", help="draw fifty pairs for a fresh reader, or compare the answers")
    action = reread.add_mutually_exclusive_group(required=True)
    action.add_argument("--output", type=Path, metavar="FILE", help="write the forms")
    action.add_argument("--answers", type=Path, metavar="FILE", help="compare filled forms with gold")
    reread.set_defaults(run=_reread)

    export = commands.add_parser("export", help="write annotation tasks")
    export.add_argument("documents", nargs="*", metavar="ID", help="document ids (default: all)")
    export.add_argument("--output", type=Path, default=Path("tasks"), help="folder (default: tasks)")
    take = commands.add_parser("import", help="take annotators' work as raw judgements")
    take.add_argument("files", nargs="+", type=Path, metavar="FILE")
    take.add_argument("--article", type=Path, metavar="FILE", help="the article that was judged")
    take.add_argument("--dry-run", action="store_true", help="only check")
    for command, run in ((export, _export), (take, _import)):
        command.add_argument("--format", choices=("sheet", "label-studio"), default="sheet")
        command.add_argument("--round", type=int, default=1, help="round of data/targets.yaml (default: 1)")
        command.set_defaults(run=run)

    differ = commands.add_parser("disagreements", help="write forms for the third pass")
    differ.add_argument("--article", type=Path, metavar="FILE", help="include this article")
    differ.add_argument("--output", type=Path, required=True, metavar="FILE")
    differ.set_defaults(run=_disagreements)

    settle = commands.add_parser("settle", help="take the filled forms of the third pass")
    settle.add_argument("forms", type=Path, metavar="FILE")
    settle.add_argument("--settler", required=True, metavar="NAME")
    settle.set_defaults(run=_settle)


def _add_hydrate(commands: Commands) -> None:
    hydrate = commands.add_parser("hydrate", help="join an article's text with its published stances")
    hydrate.add_argument("--article", type=Path, required=True, metavar="FILE", help="your own copy of it")
    hydrate.add_argument(
        "--from",
        type=Path,
        dest="folder",
        metavar="FOLDER",
        help="a download of the published dataset (default: the stances that come with this package)",
    )
    hydrate.add_argument(
        "--output", type=Path, default=Path("article.parquet"), metavar="FILE",
        help="Parquet or CSV (default: article.parquet)",
    )  # fmt: skip
    hydrate.set_defaults(run=_hydrate)


def _build(options: argparse.Namespace) -> None:
    from stancebench.dataset.backstop import build

    record = build(options.article)
    dropped = ", ".join(f"{count} {reason}" for reason, count in record.dropped.items())
    print(
        f"{record.documents} documents, {record.found} stretches found: {record.sentences}"
        f" sentences kept, dropped {dropped or 'none'}"
    )
    _print_labels(record.labels)
    print(f"fingerprint {record.fingerprint}")
    if record.article:
        print(f"\narticle split: {record.article['document_id']}")
        _print_labels(record.article["labels"])


def _hydrate(options: argparse.Namespace) -> None:
    from stancebench.predict import write_rows
    from stancebench.publish.hydrate import hydrate_article

    rows = list(hydrate_article(options.article, options.folder).rows())
    if options.output.suffix != ".parquet":
        rows = [{**row, "tags": " ".join(row["tags"])} for row in rows]
    write_rows(rows, options.output)
    print(f"{options.output}: {len(rows)} labelled examples")


def _print_labels(labels: dict[str, dict[str, int]]) -> None:
    from tabulate import tabulate

    rows = [{"target": target, **counts, "n": sum(counts.values())} for target, counts in labels.items()]
    print(tabulate(rows, headers="keys", tablefmt="github"))


def _ingest(options: argparse.Namespace) -> None:
    from stancebench.corpus.article import ingest

    found = ingest(options.file, _annotations().manifest, options.output)
    if found.known:
        print(
            f"{options.file}: {found.document.id}, annotated; its labelled examples:"
            f" stancebench data build --article {options.file}"
        )
    else:
        print(
            f"{options.file}: new (sha256 {found.document.sha256}); annotate {found.sheet}"
            " by docs/annotation.md, then stancebench data import --article"
        )


def _agreement(options: argparse.Namespace) -> None:
    from tabulate import tabulate

    from stancebench.corpus.agreement import agreement_by

    rows = _annotations().judgements
    articles = [row for row in rows if row.document_id.startswith("article-")]
    seeds = [row for row in rows if not row.document_id.startswith("article-")]
    for title, part in (("Backstop", seeds), ("article", articles)):
        if part:
            table = [row._asdict() for row in agreement_by(part, lambda row: row.target)]
            print(f"{title}\n" + tabulate(table, headers="keys", tablefmt="github", floatfmt=".3f"))
    print("Annotators are instances of one language model: they agree more than people do.")


def _audit(options: argparse.Namespace) -> int:
    from stancebench.audit.check import audit
    from stancebench.audit.outcome import write_outcome
    from stancebench.config import default_protocol
    from stancebench.dataset.backstop import sources_digest

    checks = []
    print(f"{'':3}{'area':<10} {'what':<64} {'found':<36} promise")
    for check in audit(default_protocol("in_target")):
        checks.append(check)
        mark = "" if not check.promise else "ok" if check.holds else "NO"
        print(f"{mark:<3}{check.area:<10} {check.what:<64} {check.found:<36} {check.promise}", flush=True)
    if options.output:
        write_outcome(options.output, sources_digest(), checks)
    failed = sum(not check.holds for check in checks)
    print(f"{failed} promises are not kept" if failed else "every promise is kept")
    return 1 if failed else 0


def _reread(options: argparse.Namespace) -> None:
    import json

    from stancebench.audit.reread import compare, draw_pairs
    from stancebench.dataset.backstop import load_backstop

    examples = load_backstop().examples
    if options.answers:
        found = compare(options.answers, examples)
        print(f"{found.equal} of {found.pairs} pairs are judged as in gold")
    else:
        lines = (json.dumps(form, ensure_ascii=False) + "\n" for form in draw_pairs(examples))
        options.output.write_text("".join(lines), encoding="utf-8")
        print(f"forms without labels: {options.output}")


def _disagreements(options: argparse.Namespace) -> None:
    import json

    from stancebench.corpus.documents import read_article
    from stancebench.corpus.exchange import sources
    from stancebench.corpus.settling import disagreements
    from stancebench.paths import annotations_folder

    article = read_article(options.article) if options.article else None
    settlements = annotations_folder() / "settlements.jsonl"
    forms = list(disagreements(_annotations().judgements, sources(article).documents, settlements))
    lines = (json.dumps(form, ensure_ascii=False) + "\n" for form in forms)
    options.output.write_text("".join(lines), encoding="utf-8")
    print(f"{len(forms)} disagreements: {options.output}")


def _settle(options: argparse.Namespace) -> None:
    from stancebench.corpus.settling import add_settlements
    from stancebench.paths import annotations_folder

    path = annotations_folder() / "settlements.jsonl"
    count = add_settlements(options.forms, options.settler, _annotations().judgements, path)
    print(f"{count} settlements added")


def _annotations() -> Annotations:
    from stancebench.corpus.judgements import read_annotations
    from stancebench.corpus.targets import read_targets
    from stancebench.paths import annotations_folder, targets_file

    return read_annotations(annotations_folder(), read_targets(targets_file()))


def _export(options: argparse.Namespace) -> None:
    from stancebench.corpus.exchange import export_tasks

    for path in export_tasks(options.documents, options.output, options.format, options.round):
        print(path)


def _import(options: argparse.Namespace) -> None:
    from stancebench.corpus.documents import read_article
    from stancebench.corpus.exchange import import_judgements

    article = read_article(options.article) if options.article else None
    for line in import_judgements(
        options.files, options.format, options.round, article, dry_run=options.dry_run
    ):
        print(line)
