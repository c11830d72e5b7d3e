"""Answers held against the SDK's own types. The SDKs construct them without validation: a member that is missing, or null where the type does not
have it, would trip an application only when it reads that member."""
from pydantic import BaseModel, ValidationError


def checked(value):
    """`value`, an answer or an event of a stream; raises pydantic's ValidationError when its type would not have it."""
    # What `parse` makes is the SDK's own: its types are only known with the application's. A list of models is checked by its test.
    if isinstance(value, BaseModel) and not type(value).__name__.startswith(("Parsed", "SyncPage", "AsyncPage", "ModelInfo")):
        try:
            type(value).model_validate(value.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False))
        except ValidationError as error:
            if not all(is_excused(fault) for fault in error.errors()):
                raise
    return value


def is_excused(fault):
    """Where OpenAI's types are stricter than the APIs: older models and xAI do not count what is written to a cache, and embeddings come in
    base64 when that is asked for."""
    member = fault["loc"][-1]
    return (member, fault["type"]) == ("cache_write_tokens", "missing") or member == "embedding" and isinstance(fault["input"], str)
