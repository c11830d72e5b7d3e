// Vercel's AI SDK through the gateway: its four models, each in front of each of the four providers.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import * as shared from './gateway.mjs';
import {
    EMBEDDING, MEETING_SCHEMA, MODELS, NAMES, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRUCTURED, THINKING, WEATHER_SCHEMA, all, gateway, lacks, png,
} from './gateway.mjs';

const { Output, ToolLoopAgent, embedMany, generateText, jsonSchema, stepCountIs, streamText, tool } = shared.installed('ai');
const { createAnthropic } = shared.installed('@ai-sdk/anthropic');
const { createGoogleGenerativeAI } = shared.installed('@ai-sdk/google');
const { createOpenAI } = shared.installed('@ai-sdk/openai');
const { createOpenAICompatible } = shared.installed('@ai-sdk/openai-compatible');

const openai = () => createOpenAI({ baseURL: `${gateway()}/v1`, apiKey: 'unused' });
const compatible = () =>
    createOpenAICompatible({ name: 'smg', baseURL: `${gateway()}/v1`, apiKey: 'unused', includeUsage: true, supportsStructuredOutputs: true });
const google = () => createGoogleGenerativeAI({ baseURL: `${gateway()}/v1beta`, apiKey: 'unused' });
const FACES = {
    'openai, Chat': (model) => openai().chat(model),
    'openai, Responses': (model) => openai().responses(model),
    'openai-compatible': (model) => compatible().chatModel(model),
    anthropic: (model) => createAnthropic({ baseURL: `${gateway()}/v1`, apiKey: 'unused' })(model),
    google: (model) => google()(model),
};
const weather = tool({
    description: 'The weather in a city',
    inputSchema: jsonSchema(WEATHER_SCHEMA),
    execute: async ({ city }) => `18 degrees in ${city}`,
});
const meeting = () => Output.object({ schema: jsonSchema(MEETING_SCHEMA) });
const RUN = { maxRetries: 0 };

globalThis.AI_SDK_LOG_WARNINGS = false;

for (const [face, make] of Object.entries(FACES)) {
    const check = (...rest) => shared.check(`Vercel AI SDK, ${face}`, ...rest);
    // Nothing is kept for it: what a model thinks has to come along, sealed, and go back.
    const keeping = (openai) => (face === 'openai, Responses' ? { providerOptions: { openai } } : {});
    const store = keeping({ store: false });
    const sealed = keeping({ store: false, include: ['reasoning.encrypted_content'] });

    for (const [provider, model] of Object.entries(MODELS)) {
        describe(`${face} in front of ${provider}`, () => {
            check(provider, 'chat', 'a text', async () => {
                const asked = { ...RUN, ...store, model: make(model), system: 'Answer briefly.', prompt: PROMPT };
                const { text, finishReason, usage } = await generateText(asked);
                assert.equal(text, `This is ${NAMES[provider]} (simulated). You said: ${PROMPT}`);
                assert.equal(finishReason, 'stop');
                assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
            });

            check(provider, 'stream', 'a streamed text', async () => {
                const result = streamText({ ...RUN, ...store, model: make(model), prompt: PROMPT, onError: () => {} });
                const pieces = await all(result.textStream);
                assert.ok(pieces.length > 2);
                assert.equal(pieces.join(''), `This is ${NAMES[provider]} (simulated). You said: ${PROMPT}`);
                assert.equal(await result.finishReason, 'stop');
                assert.ok((await result.usage).outputTokens > 0);
            });

            // With a model that shows its thoughts, which go back with the results.
            for (const ask of [generateText, streamText]) {
                check(provider, 'tools', `a tool loop (${ask.name})`, async () => {
                    const asked = { ...RUN, ...sealed, model: make(THINKING[provider]), tools: { get_weather: weather }, stopWhen: stepCountIs(3) };
                    const result = await ask({ ...asked, prompt: PARALLEL_PROMPT, onError: () => {} });
                    if (result.consumeStream) await result.consumeStream();
                    assert.match(await result.text, /18 degrees in Oslo.*18 degrees in Rome/);
                    assert.equal((await result.steps).length, 2);
                    const { messages } = await result.response;
                    const user = (content) => ({ role: 'user', content });
                    const again = await generateText({ ...asked, messages: [user(PARALLEL_PROMPT), ...messages, user(PROMPT)] });
                    assert.ok(again.text.endsWith(PROMPT));
                });
            }

            check(provider, 'agent', 'an agent, whole and streamed', async () => {
                const settings = { ...RUN, ...sealed, model: make(THINKING[provider]), tools: { get_weather: weather }, stopWhen: stepCountIs(4) };
                const agent = new ToolLoopAgent({ ...settings, instructions: 'Answer briefly.' });
                const { text, steps } = await agent.generate({ prompt: PARALLEL_PROMPT });
                assert.match(text, /18 degrees in Oslo.*18 degrees in Rome/);
                assert.equal(steps.length, 2);
                const streamed = await agent.stream({ prompt: PARALLEL_PROMPT });
                assert.equal((await all(streamed.textStream)).join(''), text);
            });

            check(provider, 'image', 'an image', async () => {
                const content = [{ type: 'text', text: 'What is this?' }, { type: 'image', image: png(), mediaType: 'image/png' }];
                const { text } = await generateText({ ...RUN, ...store, model: make(model), messages: [{ role: 'user', content }] });
                assert.ok(text.includes(`an image (image/png, ${png().length} bytes)`));
            });

            check(provider, 'structured output', 'structured output', async () => {
                const asked = { ...RUN, ...store, model: make(STRUCTURED[provider]), prompt: SCHEMA_PROMPT };
                const { output } = await generateText({ ...asked, output: meeting() });
                assert.ok(typeof output.title === 'string' && Number.isInteger(output.minutes));
                const streamed = streamText({ ...asked, output: meeting(), onError: () => {} });
                await streamed.consumeStream();
                assert.deepEqual(await streamed.output, output);
            });
        });
    }
}

const EMBEDDERS = {
    openai: (model) => openai().embedding(model),
    google: (model) => google().embedding(model),
};
for (const [face, make] of Object.entries(EMBEDDERS)) {
    for (const [provider, model] of Object.entries(MODELS)) {
        shared.check(`Vercel AI SDK, ${face}`, provider, 'embeddings', `embeddings of ${provider} by ${face}`, async () => {
            const asked = embedMany({ ...RUN, model: make(EMBEDDING[provider] ?? model), values: ['One', 'Two'] });
            if (lacks(provider, 'embeddings')) return assert.rejects(asked, (error) => [400, 404].includes(error.statusCode));
            const { embeddings } = await asked;
            assert.ok(embeddings.length === 2 && embeddings[0].length > 8);
            assert.notDeepEqual(embeddings[0], embeddings[1]);
        });
    }
}
