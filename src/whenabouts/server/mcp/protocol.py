"""The tools and their answers in the words of the Model Context Protocol, whatever carries them."""

from __future__ import annotations

import base64
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from pydantic import BaseModel

from whenabouts.commands import Command
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.printable import json_text
from whenabouts.progress import Progress
from whenabouts.server.hiding import texts
from whenabouts.server.mcp.arguments import FindArguments, SearchArguments, arguments_schema, read_arguments
from whenabouts.server.mcp.calls import CallQueue
from whenabouts.server.mcp.descriptions import INSTRUCTIONS
from whenabouts.server.mcp.resources import TEMPLATES, Resource
from whenabouts.server.mcp.results import Media, WithMedia
from whenabouts.server.mcp.toolbox import Tool, Toolbox
from whenabouts.server.milliseconds import rounded
from whenabouts.version import __version__

if TYPE_CHECKING:  # it needs the extra `serve`
    from whenabouts.server.mcp.members import Members

__all__ = ["make_server"]

log = logging.getLogger(__name__)
Context = ServerRequestContext[Any]
Paging = types.PaginatedRequestParams | None


def make_server(shared: Toolbox, members: Members | None = None) -> Server[Any]:
    """An MCP server with these tools; the calls of all its clients share one queue, and its resources.

    members: where each user has tools and resources of their own
    """
    calls = CallQueue()

    def toolbox_of(context: Context) -> Toolbox:
        return members.toolbox(context.request) if members else shared

    async def list_tools(context: Context, _params: Paging) -> types.ListToolsResult:
        toolbox = toolbox_of(context)
        return types.ListToolsResult(tools=[_listed(tool, toolbox) for tool in toolbox.tools()])

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        toolbox = toolbox_of(context)
        tools = {tool.name: tool for tool in toolbox.tools()}
        tool = tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"unknown tool {params.name!r}; choose one of: {', '.join(tools)}")
        given = params.arguments or {}

        async def report(done: float, words: str) -> None:
            await context.session.report_progress(done, None, toolbox.hiding.text(words))

        try:
            arguments = read_arguments(tool.arguments, given, toolbox.model_names, toolbox.defaults)

            def call(progress: Progress) -> BaseModel | WithMedia:
                if members is None:
                    return tool.run(arguments, progress)
                with members.calling(context.request, tool.name, arguments, toolbox):
                    return tool.run(arguments, progress)

            made = await calls.run(call, report)
            return _result(tool, arguments, made, toolbox, texts(given))
        except WhenaboutsError as error:
            return _error(toolbox.hiding.sentence(str(error), texts(given)))
        except Exception as error:
            log.exception("the tool %s failed", tool.name)
            return _error(
                f"this failed because of an error in whenabouts ({type(error).__name__}); see the log of the server"
            )

    async def list_resources(context: Context, _params: Paging) -> types.ListResourcesResult:
        kept = toolbox_of(context).resources.all()
        return types.ListResourcesResult(resources=[types.Resource(**_described(each)) for each in kept])

    async def list_templates(_context: Context, _params: Paging) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(uri_template=uri, name=name, description=description, mime_type=kind)
                for uri, (name, description, kind) in TEMPLATES.items()
            ]
        )

    async def read_resource(context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        try:
            resource, content = toolbox_of(context).resources.read(params.uri)
        except InputError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        return types.ReadResourceResult(contents=[_contents(resource, content)])

    return Server(
        "whenabouts",
        title="whenabouts",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def _listed(tool: Tool, toolbox: Toolbox) -> types.Tool:
    uses_server = tool.name == "find" and any("openai:" in model for model in toolbox.models)
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=arguments_schema(tool.arguments, toolbox.model_names),
        output_schema=tool.result.model_json_schema(mode="serialization"),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=not tool.writes,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=uses_server,
        ),
    )


def _result(
    tool: Tool, arguments: Command, made: BaseModel | WithMedia, toolbox: Toolbox, given: Collection[str]
) -> types.CallToolResult:
    """A result as JSON, which is also its text; a picture or a sound stands before, links to resources behind it."""
    result, media = (made.result, made.media) if isinstance(made, WithMedia) else (made, None)
    data = toolbox.hiding.value(rounded(result.model_dump(mode="json")), given)
    text = json_text(data)
    content: list[types.ContentBlock] = [_media(media)] if media else []
    content.append(types.TextContent(type="text", text=text))
    if tool.kept:
        content.append(_link(toolbox.resources.answer(_title(arguments), text)))
    if uri := data.get("uri"):
        content.append(_link(toolbox.resources.read(uri)[0]))
    return types.CallToolResult(content=content, structured_content=data)


def _title(arguments: Command) -> str:
    """What an answer is about, for lists of resources."""
    if isinstance(arguments, FindArguments):
        return f"{arguments.video}: {'; '.join(arguments.queries)}"
    assert isinstance(arguments, SearchArguments)
    return f"all videos: {arguments.query}"


def _media(media: Media) -> types.ImageContent | types.AudioContent:
    data = base64.b64encode(media.data).decode()
    if media.kind == "image":
        return types.ImageContent(type="image", data=data, mime_type=media.type)
    return types.AudioContent(type="audio", data=data, mime_type=media.type)


def _described(resource: Resource) -> dict[str, Any]:
    return {
        "uri": resource.uri,
        "name": resource.name,
        "title": resource.title,
        "mime_type": resource.type,
        "size": resource.size,
    }


def _link(resource: Resource) -> types.ResourceLink:
    return types.ResourceLink(type="resource_link", **_described(resource))


def _contents(resource: Resource, content: str | bytes) -> types.TextResourceContents | types.BlobResourceContents:
    if isinstance(content, str):
        return types.TextResourceContents(uri=resource.uri, mime_type=resource.type, text=content)
    blob = base64.b64encode(content).decode()
    return types.BlobResourceContents(uri=resource.uri, mime_type=resource.type, blob=blob)


def _error(sentence: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=sentence)], is_error=True)
