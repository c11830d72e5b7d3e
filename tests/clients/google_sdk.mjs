// Google's Gen AI SDK for Node, unchanged but for its base URL: every test for each of the four providers and both API versions.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as shared from './gateway.mjs';
import {
    EMBEDDING, MEETING_SCHEMA, MODELS, NAMES, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRUCTURED, THINKING, WEATHER_SCHEMA, all, gateway, lacks, png,
} from './gateway.mjs';

const { ApiError, GoogleGenAI, Type } = shared.installed('@google/genai');
const WEATHER = { functionDeclarations: [{ name: 'get_weather', description: 'The weather in a city', parametersJsonSchema: WEATHER_SCHEMA }] };

const check = (...rest) => shared.check('Google Gen AI Node', ...rest);
const partsOf = (answers) => answers.flatMap((answer) => answer.candidates?.[0]?.content?.parts ?? []);
const textOf = (answers) => partsOf(answers).map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
const thoughtsOf = (answers) => partsOf(answers).map((part) => (part.thought ? part.text : '')).join('');
const finishOf = (answers) => answers.map((answer) => answer.candidates?.[0]?.finishReason).filter(Boolean);

for (const apiVersion of ['v1beta', 'v1']) {
    const client = () => new GoogleGenAI({ apiKey: 'unused', vertexai: false, httpOptions: { baseUrl: gateway(), apiVersion, timeout: 30_000 } });

    for (const [provider, model] of Object.entries(MODELS)) {
        describe(`${provider} with ${apiVersion}`, () => {
            const generate = (contents, config, of = model) => client().models.generateContent({ model: of, contents, config });
            const stream = async (contents, config, of = model) => all(client().models.generateContentStream({ model: of, contents, config }));

            check(provider, 'chat', 'content', async () => {
                const answer = await generate(PROMPT, { systemInstruction: 'Answer briefly.' });
                assert.equal(answer.text, `This is ${NAMES[provider]} (simulated). You said: ${PROMPT}`);
                assert.equal(answer.sdkHttpResponse.headers['x-smg-provider'], provider);
                assert.deepEqual(finishOf([answer]), ['STOP']);
                assert.ok(answer.usageMetadata.promptTokenCount > 0 && answer.usageMetadata.candidatesTokenCount > 0);
            });

            check(provider, 'chat', 'a chat keeps its history', async () => {
                const chat = client().chats.create({ model });
                await chat.sendMessage({ message: 'Hello' });
                assert.ok((await chat.sendMessage({ message: PROMPT })).text.endsWith(PROMPT));
                assert.ok(textOf(await all(chat.sendMessageStream({ message: 'And the hills?' }))).endsWith('And the hills?'));
            });

            check(provider, 'stream', 'a stream says what the whole answer says', async () => {
                const whole = await generate(PROMPT);
                const chunks = await stream(PROMPT);
                assert.ok(chunks.length > 2);
                assert.equal(textOf(chunks), whole.text);
                assert.deepEqual(finishOf(chunks), ['STOP']);
                assert.equal(chunks.at(-1).usageMetadata.candidatesTokenCount, whole.usageMetadata.candidatesTokenCount);
            });

            for (const feature of ['tools', 'stream tools']) {
                check(provider, feature, `a round trip with parallel calls (${feature})`, async () => {
                    const config = { tools: [WEATHER], maxOutputTokens: 30_000, thinkingConfig: { includeThoughts: true, thinkingBudget: 8000 } };
                    const ask = async (contents) =>
                        feature === 'tools' ? [await generate(contents, config, THINKING[provider])] : stream(contents, config, THINKING[provider]);
                    const contents = [{ role: 'user', parts: [{ text: PARALLEL_PROMPT }] }];
                    const first = await ask(contents);
                    const calls = partsOf(first).map((part) => part.functionCall).filter(Boolean);
                    assert.deepEqual(calls.map((call) => [call.name, call.args.city]), [['get_weather', 'Oslo'], ['get_weather', 'Rome']]);
                    if (provider !== 'openai') assert.ok(thoughtsOf(first));
                    const told = ({ id, name, args }) => ({ functionResponse: { id, name, response: { result: `18 degrees in ${args.city}` } } });
                    const results = calls.map(told);
                    const answer = await ask([...contents, { role: 'model', parts: partsOf(first) }, { role: 'user', parts: results }]);
                    assert.match(textOf(answer), /18 degrees in Oslo.*18 degrees in Rome/);
                });
            }

            check(provider, 'image', 'an image', async () => {
                const answer = await generate([{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: png().toString('base64') } }]);
                assert.ok(answer.text.includes(`an image (image/png, ${png().length} bytes)`));
            });

            check(provider, 'structured output', 'structured output', async () => {
                const properties = { title: { type: Type.STRING }, minutes: { type: Type.INTEGER } };
                const own = { type: Type.OBJECT, properties, required: ['title', 'minutes'] };
                for (const form of [{ responseSchema: own }, { responseJsonSchema: MEETING_SCHEMA }]) {
                    const config = { responseMimeType: 'application/json', ...form };
                    const meeting = JSON.parse((await generate(SCHEMA_PROMPT, config, STRUCTURED[provider])).text);
                    assert.ok(typeof meeting.title === 'string' && Number.isInteger(meeting.minutes));
                    assert.deepEqual(JSON.parse(textOf(await stream(SCHEMA_PROMPT, config, STRUCTURED[provider]))), meeting);
                }
            });

            check(provider, 'tokens', 'the count of tokens', async () => {
                const count = (contents) => client().models.countTokens({ model, contents });
                const [short, long] = [await count('Hi'), await count(PROMPT.repeat(20))];
                assert.ok(0 < short.totalTokens && short.totalTokens < long.totalTokens);
            });

            check(provider, 'embeddings', 'embeddings', async () => {
                const asked = { model: EMBEDDING[provider] ?? model, contents: ['One', 'Two'], config: { outputDimensionality: 8 } };
                if (lacks(provider, 'embeddings')) return assert.rejects(client().models.embedContent(asked), ApiError);
                const { embeddings } = await client().models.embedContent(asked);
                assert.deepEqual(embeddings.map((each) => each.values.length), [8, 8]);
            });

            check(provider, 'errors', 'errors have the status that the SDK tells', async () => {
                for (const ask of [generate, stream]) {
                    await assert.rejects(ask(PROMPT, undefined, `no-such-${model}`), (error) => error instanceof ApiError && error.status === 404);
                    const robot = [{ role: 'robot', parts: [{ text: 'Hi' }] }];
                    await assert.rejects(ask(robot), (error) => error instanceof ApiError && error.status === 400);
                }
            });
        });
    }

    if (apiVersion === 'v1') continue; // there the list of models is that of OpenAI and Anthropic
    test(`the list of models with ${apiVersion}`, { timeout: 60_000 }, async () => {
        const names = (await all(client().models.list({ config: { pageSize: 1000 } }))).map((model) => model.name);
        for (const model of Object.values(MODELS)) assert.ok(names.includes(`models/${model}`), `${model} is listed`);
    });
}
