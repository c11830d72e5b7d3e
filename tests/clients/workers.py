"""The gateway's workers, as an operator adds them."""
import json
import urllib.request

KEYS = {
    "openai": "sk-proj-a-stored-key-of-the-tests",
    "anthropic": "sk-ant-api03-a-stored-key-of-the-tests",
    "xai": "xai-a-stored-key-of-the-tests",
    "gemini": "AIzaSyA-stored-key-of-the-tests-0123456",
}


def register(gateway, provider, url, **more):
    """Adds a worker with a stored key and waits until it is registered; its description."""
    spec = {"url": url, "provider": provider, "api_key": KEYS[provider], "runtime_type": "external", **more}
    request = urllib.request.Request(gateway.url + "/workers?wait=20", json.dumps(spec).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
