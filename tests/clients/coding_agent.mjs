// A coding agent's way of working, with Anthropic's SDK for Node and models of the four providers: streamed turns with betas, thinking, a moving mark
// for the prompt cache, counted tokens, parallel tools that show pictures, and a conversation that goes back whole with every request.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import * as shared from './gateway.mjs';
import { LONG_TEXT, WEATHER_SCHEMA, adjusted, gateway, png } from './gateway.mjs';

const Anthropic = shared.installed('@anthropic-ai/sdk').default;
const check = (...rest) => shared.check('Anthropic Node', ...rest);

const MODELS = {
    openai: ['gpt-5', 'gpt-5.6'],
    anthropic: ['claude-opus-4-6'],
    xai: ['grok-3-mini', 'grok-4'],
    gemini: ['gemini-2.5-flash', 'gemini-3-pro-preview'],
};
// What they make of a budget for thoughts: efforts, or nothing at all.
const ADJUSTED = { 'grok-3-mini': ['thinking=low'], 'grok-4': ['thinking'] };
const BETAS = ['interleaved-thinking-2025-05-14', 'fine-grained-tool-streaming-2025-05-14', 'context-management-2025-06-27'];
const TURNS = 6;
const QUERY = { query: { beta: 'true' } }; // as agents with older versions of the SDK ask
const mark = { cache_control: { type: 'ephemeral' } };
const picture = () => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png().toString('base64') } });
const seen = () => `an image (image/png, ${png().length} bytes)`;

const SYSTEM = [{ type: 'text', text: 'You look at things for people.' }, { type: 'text', text: LONG_TEXT, ...mark }];
const TOOLS = [
    { name: 'get_weather', description: 'The weather in a city, with a picture of it', input_schema: WEATHER_SCHEMA },
    {
        name: 'screenshot', description: 'A picture of the screen',
        input_schema: { type: 'object', properties: { window: { type: 'string' }, scale: { type: 'integer' } }, required: ['window'] },
    },
];
const asked = (turn) => `Turn ${turn}, in parallel: the weather in Oslo, and the screen.`;
const shown = (call) => [{ type: 'text', text: `${call.name} of ${call.input.city ?? call.input.window}` }, picture()];

// The messages with the mark on the last one alone, as agents move it along.
function marked(messages) {
    const { role, content } = messages.at(-1);
    return [...messages.slice(0, -1), { role, content: content.map((block, i) => (i === content.length - 1 ? { ...block, ...mark } : block)) }];
}

for (const [provider, models] of Object.entries(MODELS)) {
    describe(`a coding agent with ${provider}`, () => {
        const client = (more) => new Anthropic({ baseURL: gateway(), apiKey: 'unused', maxRetries: 0, timeout: 30_000, ...more });

        for (const model of models) {
            check(provider, 'agent', `${TURNS} turns with ${model}`, async () => {
                const targets = [];
                const { beta } = client({ fetch: (url, init) => (targets.push(new URL(url).search), fetch(url, init)) });
                const common = { model, system: SYSTEM, tools: TOOLS, betas: BETAS, thinking: { type: 'enabled', budget_tokens: 8000 } };
                const messages = [];
                const counted = [];
                let reasoned = 0;

                // One request, streamed; its answer becomes part of the conversation.
                async function step() {
                    counted.push((await beta.messages.countTokens({ ...common, messages: marked(messages) }, QUERY)).input_tokens);
                    const stream = beta.messages.stream({ ...common, max_tokens: 20_000, messages: marked(messages) }, QUERY);
                    const said = [];
                    stream.on('text', (text) => said.push(text));
                    const message = await stream.finalMessage();
                    assert.deepEqual(adjusted(stream.response.headers), ADJUSTED[model] ?? []);
                    assert.equal(said.join(''), message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''));
                    if (messages.length > 1) assert.ok(message.usage.cache_read_input_tokens > 0, 'the prompt was there before');
                    reasoned += message.content.filter((block) => /thinking$/.test(block.type)).length;
                    messages.push({ role: 'assistant', content: message.content });
                    return message;
                }

                for (let turn = 1; turn <= TURNS; turn++) {
                    messages.push({ role: 'user', content: [{ type: 'text', text: asked(turn) }] });
                    const first = await step();
                    assert.equal(first.stop_reason, 'tool_use');
                    const calls = first.content.filter((block) => block.type === 'tool_use');
                    assert.deepEqual(calls.map((call) => call.name), ['get_weather', 'screenshot']);
                    const results = calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: shown(call) }));
                    messages.push({ role: 'user', content: results });
                    const second = await step();
                    assert.equal(second.stop_reason, 'end_turn');
                    const text = second.content.map((block) => block.text ?? '').join('');
                    assert.equal(text.split(seen()).length, 3, text);
                }
                assert.deepEqual(counted, [...counted].sort((a, b) => a - b));
                assert.ok(counted[0] < counted.at(-1));
                assert.equal(reasoned > 0, model !== 'gpt-5'); // whose Chat API keeps its thoughts to itself
                assert.deepEqual(targets, Array(TURNS * 4).fill('?beta=true'));
            });
        }

        check(provider, 'agent', "the SDK's own loop", async () => {
            const used = [];
            const tools = TOOLS.map((tool) => ({ ...tool, run: async (input) => (used.push(tool.name), shown({ name: tool.name, input })) }));
            const messages = [{ role: 'user', content: asked(1) }];
            const loop = { max_tokens: 20_000, messages, tools, betas: BETAS, stream: true, max_iterations: 4 };
            const runner = client().beta.messages.toolRunner({ model: models[0], ...loop });
            const reasons = [];
            for await (const stream of runner) reasons.push((await stream.finalMessage()).stop_reason);
            assert.deepEqual(used, ['get_weather', 'screenshot']);
            assert.deepEqual(reasons, ['tool_use', 'end_turn']);
            const final = await runner.done();
            assert.equal(final.content.map((block) => block.text ?? '').join('').split(seen()).length, 3);
        });
    });
}
