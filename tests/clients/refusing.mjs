// A gateway that sends each request once, and behind it aimock, a mock server by others, that can be told to refuse.
import { after, before } from 'node:test';
import { MODELS, PROMPT, installed, register, running } from './gateway.mjs';

const { LLMock } = installed('@copilotkit/aimock');

// Where its APIs are.
export const ROOTS = { openai: '/v1', anthropic: '/v1', xai: '/v1', gemini: '/v1beta' };

// `url()` is the gateway's; `refuse(status)` for the next request; `statuses()` of what was answered since.
export function refusing() {
    const url = running('--enable-igw', '--disable-retries', '--disable-circuit-breaker');
    const mock = new LLMock({ port: 0, host: '127.0.0.1' });
    mock.onMessage(PROMPT, { content: 'Noted.' });
    before(async () => {
        await Promise.all([mock.start(), url.started]);
        for (const [provider, root] of Object.entries(ROOTS)) await register(url(), provider, mock.url + root, { models: [MODELS[provider]] });
    });
    after(() => mock.stop());
    return {
        url,
        refuse(status) {
            mock.clearRequests();
            mock.nextRequestError(status, { message: 'It was told to refuse.', type: 'invalid_request_error' });
        },
        statuses: () => mock.getRequests().filter((request) => request.method === 'POST').map((request) => request.response.status),
    };
}
