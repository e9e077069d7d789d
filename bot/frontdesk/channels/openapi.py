"""The web chat's contract as an OpenAPI 3.1 document; served at /chat/openapi.json."""

from __future__ import annotations

from typing import Any


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or list(properties)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _errors(*codes: str) -> dict[str, Any]:
    return {code: {"description": "Refused", "content": _json(_ref("Error"))} for code in codes}


_STRING = {"type": "string"}
_INTEGER = {"type": "integer"}
_BEARER: list[dict[str, Any]] = [{"token": []}]
_MESSAGE = _object(
    {
        "seq": {"type": "integer", "minimum": 1},
        "at": {"type": "string", "format": "date-time"},
        "author": {"enum": ["customer", "bot", "staff", "system"]},
        "author_name": {"type": ["string", "null"]},
        "text": _STRING,
        "buttons": {"type": "array", "items": _object({"title": _STRING, "payload": _STRING})},
        "attachments": {
            "type": "array",
            "items": _object({"id": _STRING, "name": _STRING, "type": _STRING, "size": _INTEGER, "url": _STRING}),
        },
        "edited": {"type": "boolean", "description": "whether staff changed its words after it was sent"},
    }
)
_POST = {
    "type": "object",
    "description": "Exactly one of text and payload. The same client_id again gives the same answer.",
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 8000},
        "payload": {"type": "string", "description": "of a button we issued"},
        "client_id": {"type": "string", "minLength": 1, "maxLength": 64},
    },
}
_RATING = _object(
    {
        "score": {"type": "integer", "minimum": 1, "maximum": 5, "description": "1 not at all, 5 very satisfied"},
        "words": {"type": "string", "maxLength": 8000},
    },
    ["score"],
)
_VIEW = _object(
    {
        "messages": {"type": "array", "items": _ref("Message")},
        "edits": {
            "type": "array",
            "description": "earlier messages whose words were changed, as they are now",
            "items": _object({"seq": _INTEGER, "text": _STRING}),
        },
        "erased": {
            "type": "array",
            "description": "numbers of earlier messages of which nothing is left, as ranges: take them off the screen",
            "items": _object({"from": _INTEGER, "to": _INTEGER}),
        },
        "holder": {"enum": ["bot", "queue", "staff", "nobody"]},
        "typing": {"enum": [False, "bot", "staff"]},
        "mail": {"type": "boolean", "description": "the transcript can be sent by e-mail: POST /chat/transcript"},
    }
)
_AFTER = {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}}
_WAIT = {"name": "wait", "in": "query", "schema": {"type": "number", "minimum": 0, "maximum": 30, "default": 0}}
_FILE = _object({"file": {"type": "string", "format": "binary"}, "text": _STRING, "client_id": _STRING}, ["file"])

OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "erstkontakt web chat", "version": "1.0.0"},
    "paths": {
        "/chat/sessions": {
            "post": {
                "summary": "Open a conversation",
                "requestBody": {"content": _json(_object({"locale": {"enum": ["de", "en"]}}, []))},
                "responses": {
                    "201": {
                        "description": "The token for this conversation and the greeting",
                        "content": _json(
                            _object({"token": _STRING, "messages": {"type": "array", "items": _ref("Message")}})
                        ),
                    },
                    **_errors("400", "403", "413", "429"),
                },
            }
        },
        "/chat/messages": {
            "post": {
                "summary": "Write a message or press a button",
                "security": _BEARER,
                "requestBody": {"required": True, "content": _json(_POST)},
                "responses": {
                    "202": {"description": "Written down", "content": _json(_object({"seq": _INTEGER}))},
                    **_errors("400", "401", "403", "409", "413", "429"),
                },
            },
            "get": {
                "summary": "Read what was said after a sequence number, waiting for news if asked to",
                "security": _BEARER,
                "parameters": [_AFTER, _WAIT],
                "responses": {
                    "200": {"description": "Messages in order", "content": _json(_VIEW)},
                    **_errors("400", "401", "403"),
                },
            },
        },
        "/chat/attachments": {
            "post": {
                "summary": "Send a photo or a receipt (JPEG, PNG, WebP, GIF, PDF; 10 MB, 60 megapixels)",
                "security": _BEARER,
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILE}}},
                "responses": {
                    "201": {"description": "Stored", "content": _json(_object({"seq": _INTEGER}))},
                    **_errors("400", "401", "403", "413", "415", "429"),
                },
            }
        },
        "/chat/typing": {
            "post": {
                "summary": "The customer is writing: people at the desk see that for 5 seconds, not what",
                "security": _BEARER,
                "responses": {"204": {"description": "Noted"}, **_errors("401", "403")},
            }
        },
        "/chat/end": {
            "post": {
                "summary": "The customer is done; writing again goes on with the conversation",
                "security": _BEARER,
                "responses": {
                    "200": {
                        "description": "The number of the last message; whether a rating may be asked for",
                        "content": _json(_object({"seq": _INTEGER, "rate": {"type": "boolean"}})),
                    },
                    **_errors("401", "403", "429"),
                },
            }
        },
        "/chat/rating": {
            "post": {
                "summary": "How the conversation was; the first one after an ending counts",
                "security": _BEARER,
                "requestBody": {"required": True, "content": _json(_RATING)},
                "responses": {"204": {"description": "Kept"}, **_errors("400", "401", "403", "413", "429")},
            }
        },
        "/chat/attachments/{id}": {
            "get": {
                "summary": "A file of this conversation, as a download",
                "security": _BEARER,
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": _STRING}],
                "responses": {"200": {"description": "The file"}, **_errors("401", "403", "404")},
            }
        },
        "/chat/transcript": {
            "get": {
                "summary": "The conversation as text",
                "security": _BEARER,
                "responses": {"200": {"description": "Text", "content": {"text/plain": {}}}, **_errors("401", "403")},
            },
            "post": {
                "summary": "Send it by e-mail, to the address of the order that was proven in this conversation",
                "security": _BEARER,
                "responses": {"202": {"description": "On its way"}, **_errors("401", "403", "409", "429")},
            },
        },
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Message": _MESSAGE,
            "Error": _object({"error": _object({"code": _STRING, "message": _STRING})}),
        },
    },
}
