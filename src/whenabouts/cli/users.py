"""`whenabouts users`: who may use a server and how much, by tokens; also while it runs."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.cli.terminal import json_text
from whenabouts.errors import InputError, MissingExtra
from whenabouts.language import translate
from whenabouts.video.source import shown

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from whenabouts.server.users import Quota, Scope, UserStore

users = typer.Typer(
    name="users", help="Users of a server, their scopes, folders, quota and tokens.", no_args_is_help=True
)

GIB = 1 << 30
Name = Annotated[str, typer.Argument(help="Name of the user.", show_default=False)]
Data = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Data folder of the server.", show_default="the data folder of your user account"),
]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        metavar="SCOPE",
        help="What the user may do: read, ask, correct, administer. Repeatable.",
        show_default="read, ask and correct",
    ),
]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="Folder whose videos the user may see, beside their own uploads. Repeatable. Default: all.",
        show_default=False,
    ),
]
AllFolders = Annotated[bool, typer.Option("--all-folders", help="Let the user see all videos.")]
JobsAtOnce = Annotated[int | None, typer.Option(min=1, help="Jobs that may wait or run at once.", show_default=False)]
JobsADay = Annotated[int | None, typer.Option(min=1, help="Jobs in 24 hours.", show_default=False)]
HoursADay = Annotated[
    float | None, typer.Option(min=0, metavar="HOURS", help="Hours of video asked in 24 hours.", show_default=False)
]
UploadADay = Annotated[
    float | None, typer.Option(min=0, metavar="GIB", help="Uploads in 24 hours.", show_default=False)
]
Days = Annotated[float, typer.Option(min=0.001, max=3650, help="Days until the token expires.")]


@users.command("add")
def add(
    name: Name,
    scope: Scopes = None,
    folder: Folders = None,
    jobs_at_once: JobsAtOnce = None,
    jobs_a_day: JobsADay = None,
    video_hours_a_day: HoursADay = None,
    upload_gib_a_day: UploadADay = None,
    days: Days = 365,
    data: Data = None,
) -> None:
    """Add a user, and print a first token for them: it is shown this once.

    From the first user on, the server wants a login, and --token of `whenabouts serve` gives no access any more.
    """
    with _opened(data, new=True) as store:
        quota = _quota(jobs_at_once, jobs_a_day, video_hours_a_day, upload_gib_a_day)
        store.add(name, _scopes(scope or ["read", "ask", "correct"]), folder, quota)
        _print_token(store.issue(name, days))


@users.command("change")
def change(
    name: Name,
    scope: Scopes = None,
    folder: Folders = None,
    all_folders: AllFolders = False,
    jobs_at_once: JobsAtOnce = None,
    jobs_a_day: JobsADay = None,
    video_hours_a_day: HoursADay = None,
    upload_gib_a_day: UploadADay = None,
    data: Data = None,
) -> None:
    """Change what a user may do or see; what is not given stays as it is. It counts from the next request on."""
    if folder and all_folders:
        raise InputError("--folder and --all-folders cannot be combined; leave one of them out")
    with _opened(data) as store:
        user = store.user(name)
        given = asdict(_quota(jobs_at_once, jobs_a_day, video_hours_a_day, upload_gib_a_day))
        quota = replace(user.quota, **{limit: value for limit, value in given.items() if value is not None})
        folders = None if all_folders else tuple(folder) if folder else user.folders
        store.change(replace(user, scopes=_scopes(scope) if scope else user.scopes, folders=folders, quota=quota))


@users.command("token")
def token(name: Name, scope: Scopes = None, days: Days = 365, data: Data = None) -> None:
    """Print another token of a user, such as for a program that needs fewer scopes: it is shown this once."""
    with _opened(data) as store:
        _print_token(store.issue(name, days, _scopes(scope) if scope else None))


@users.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="Id of the token, from `users list`.", show_default=False)],
    data: Data = None,
) -> None:
    """Refuse a token from now on, with the sessions that it began."""
    with _opened(data) as store:
        store.revoke(token)


@users.command("remove")
def remove(name: Name, data: Data = None) -> None:
    """Refuse a user with all tokens from now on. Their corrections stay, and so does their name."""
    with _opened(data) as store:
        store.remove(name)


@users.command("list")
def list_users(data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the users and their tokens, which have an id and cannot be shown again."""
    with _opened(data) as store:
        found: list[dict[str, Any]] = [
            {
                "name": user.name,
                "scopes": sorted(user.scopes),
                "folders": None if user.folders is None else [str(each) for each in user.folders],
                "quota": asdict(user.quota),
                "tokens": [asdict(each) for each in store.tokens() if each.user == user.name],
            }
            for user in store.users()
        ]
    if as_json:
        print(json_text(found))
        return
    for user in found:
        places = translate("all folders") if user["folders"] is None else ", ".join(user["folders"])
        print(f"{user['name']}  {' '.join(user['scopes'])}  {places}")
        for each in user["tokens"]:
            scopes = " ".join(scope for scope in user["scopes"] if scope in each["scopes"])
            print(f"  {each['id']}  {each['state']}  {each['expires'][:10]}  {scopes}")


@users.command("audit")
def audit(data: Data = None) -> None:
    """Print the audit log as JSON Lines, the oldest row first: who did what and when."""
    from whenabouts.server.audit import AuditLog
    from whenabouts.server.settings import data_folder

    with _opened(data):
        log = AuditLog((data or data_folder()) / "audit.sqlite")
    try:
        for row in log.all():
            print(json.dumps(asdict(row), ensure_ascii=False))
    finally:
        log.close()


def _print_token(token: str) -> None:
    print(token)
    print(translate("this token is not shown again: it is what the page asks for"), file=sys.stderr)


def _opened(data: Path | None, *, new: bool = False) -> AbstractContextManager[UserStore]:
    """The users of a server; a first one is `new`. Raises InputError where no server has had this data folder."""
    try:
        from whenabouts.server.users import FILE, open_users
    except ModuleNotFoundError as error:
        raise MissingExtra("serve", "the server") from error
    from whenabouts.server.settings import data_folder

    place = data or data_folder()
    if not new and not (place / FILE).exists():
        raise InputError(f"the server of {shown(place)} has no users yet; make one with `whenabouts users add`")
    return open_users(place)


def _scopes(given: list[str]) -> frozenset[Scope]:
    from whenabouts.server.users import SCOPES

    if unknown := [each for each in given if each not in SCOPES]:
        raise InputError(f"unknown scope {unknown[0]!r}; choose from: {', '.join(SCOPES)}")
    return frozenset(scope for scope in SCOPES if scope in given)


def _quota(jobs_at_once: int | None, jobs_a_day: int | None, hours: float | None, gib: float | None) -> Quota:
    from whenabouts.server.users import Quota

    seconds = None if hours is None else hours * 3600
    return Quota(jobs_at_once, jobs_a_day, seconds, None if gib is None else int(gib * GIB))
