// Google's Gen AI SDK for Node, unchanged but for its base URL: every test for each of the four providers and both API versions.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as shared from './gateway.mjs';
import {
    EMBEDDING, KEEP_ALIVE, MEETING_SCHEMA, MODELS, NAMES, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, SILENT_PROMPT, STRICT, STRUCTURED, THINKING,
    WEATHER_SCHEMA, all, gateway, lacks, png, rawStream, running,
} from './gateway.mjs';
import { refusing } from './refusing.mjs';

const { ApiError, FunctionCallingConfigMode, GoogleGenAI, HarmBlockThreshold, HarmCategory, Type } = shared.installed('@google/genai');
const WEATHER = { functionDeclarations: [{ name: 'get_weather', description: 'The weather in a city', parametersJsonSchema: WEATHER_SCHEMA }] };

const breaking = running('demo'); // what is learnt about a worker that fails stays with its gateway
const silent = running('demo', ...KEEP_ALIVE);
const mocked = refusing();

const check = (...rest) => shared.check('Google Gen AI Node', ...rest);
const partsOf = (answers) => answers.flatMap((answer) => answer.candidates?.[0]?.content?.parts ?? []);
const textOf = (answers) => partsOf(answers).map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
const thoughtsOf = (answers) => partsOf(answers).map((part) => (part.thought ? part.text : '')).join('');
const finishOf = (answers) => answers.map((answer) => answer.candidates?.[0]?.finishReason).filter(Boolean);

const callsOf = (answers) => partsOf(answers).map((part) => part.functionCall).filter(Boolean);
const told = ({ id, name, args }) => ({ functionResponse: { id, name, response: { result: `18 degrees in ${args.city}` } } });
const picture = () => ({ inlineData: { mimeType: 'image/png', data: png().toString('base64') } });
const seen = () => `an image (image/png, ${png().length} bytes)`;
const clientOf = (baseUrl, apiVersion, more) =>
    new GoogleGenAI({ apiKey: 'unused', vertexai: false, httpOptions: { baseUrl, apiVersion, timeout: 30_000, ...more } });

for (const apiVersion of ['v1beta', 'v1']) {
    const client = () => clientOf(gateway(), apiVersion);

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

            check(provider, 'conversation', 'a conversation with a system instruction', async () => {
                const contents = [
                    { role: 'user', parts: [{ text: 'Hello' }] }, { role: 'model', parts: [{ text: 'Hello!' }] },
                    { role: 'user', parts: [{ text: 'How are ' }, { text: 'you?' }] },
                ];
                const systemInstruction = { parts: [{ text: 'Answer' }, { text: 'briefly.' }] };
                const answer = await generate(contents, { systemInstruction, temperature: 0.7, topP: 0.9, maxOutputTokens: 1000 });
                assert.match(answer.text, /you\?/);
                assert.deepEqual(finishOf([answer]), ['STOP']);
            });

            check(provider, 'conversation', 'a chat keeps its history', async () => {
                const chat = client().chats.create({ model });
                await chat.sendMessage({ message: 'Hello' });
                assert.ok((await chat.sendMessage({ message: PROMPT })).text.endsWith(PROMPT));
                assert.ok(textOf(await all(chat.sendMessageStream({ message: 'And the hills?' }))).endsWith('And the hills?'));
            });

            check(provider, 'limits', 'a limit of tokens', async () => {
                assert.deepEqual(finishOf([await generate('simulate:tokens=400', { maxOutputTokens: 20 })]), ['MAX_TOKENS']);
            });

            check(provider, 'limits', 'a stop sequence', async () => {
                const willing = model === 'grok-4' ? 'grok-4-fast-non-reasoning' : model; // the other refuses `stop`, as xAI's reasoning models do
                const answer = await generate(PROMPT, { stopSequences: ['about'] }, willing);
                assert.ok(answer.text.endsWith('Tell me '));
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
                    const calls = callsOf(first);
                    assert.deepEqual(calls.map((call) => [call.name, call.args.city]), [['get_weather', 'Oslo'], ['get_weather', 'Rome']]);
                    if (provider !== 'openai') assert.ok(thoughtsOf(first));
                    const results = calls.map(told);
                    const answer = await ask([...contents, { role: 'model', parts: partsOf(first) }, { role: 'user', parts: results }]);
                    assert.match(textOf(answer), /18 degrees in Oslo.*18 degrees in Rome/);
                });
            }

            check(provider, 'tool choice', 'none, any and a named tool', async () => {
                const { NONE, ANY } = FunctionCallingConfigMode;
                for (const [mode, allowedFunctionNames] of [[NONE], [ANY], [ANY, ['get_weather']]]) {
                    const config = { tools: [WEATHER], toolConfig: { functionCallingConfig: { mode, allowedFunctionNames } } };
                    const answer = await generate(mode === ANY ? PROMPT : PARALLEL_PROMPT, config);
                    assert.deepEqual(callsOf([answer]).map((call) => call.name), mode === ANY ? ['get_weather'] : []);
                }
            });

            check(provider, 'image', 'an image', async () => {
                assert.ok((await generate([{ text: 'What is this?' }, picture()])).text.includes(seen()));
            });

            check(provider, 'tool result image', 'images in the results of tools', async () => {
                const config = { tools: [WEATHER] };
                const first = await generate(PARALLEL_PROMPT, config);
                const results = callsOf([first]).map(told);
                for (const { functionResponse } of results) functionResponse.parts = [picture()];
                const asked = { role: 'user', parts: [{ text: PARALLEL_PROMPT }] };
                const contents = [asked, first.candidates[0].content, { role: 'user', parts: results }];
                assert.equal(textOf([await generate(contents, config)]).split(seen()).length, 3);
            });

            check(provider, 'document', 'a document', async () => {
                const document = { inlineData: { mimeType: 'application/pdf', data: Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64') } };
                assert.match((await generate([document, { text: 'Sum up.' }])).text, /I see a file/);
            });

            check(provider, 'thinking', 'thinking, whole and streamed', async () => {
                const config = { thinkingConfig: { includeThoughts: true, thinkingBudget: 8000 }, maxOutputTokens: 30_000 };
                const whole = [await generate(PROMPT, config, THINKING[provider])];
                const chunks = await stream(PROMPT, config, THINKING[provider]);
                assert.ok(textOf(chunks).endsWith(PROMPT));
                assert.equal(textOf(chunks), textOf(whole));
                assert.equal(thoughtsOf(chunks), thoughtsOf(whole));
                assert.equal(thoughtsOf(whole) !== '', provider !== 'openai'); // whose Chat API keeps them to itself
                if (provider !== 'anthropic') assert.ok(chunks.at(-1).usageMetadata.thoughtsTokenCount > 0); // the simulated one counts none
            });

            check(provider, 'prompt cache', 'tokens from the prompt cache', async () => {
                const asked = `simulate:cached=3 ${PROMPT}`;
                for (const { usageMetadata } of [await generate(asked), (await stream(asked)).at(-1)]) {
                    assert.equal(usageMetadata.cachedContentTokenCount, 3);
                    assert.ok(usageMetadata.promptTokenCount > 3);
                }
            });

            check(provider, 'adjusted parameters', 'parameters that another API does not have', async () => {
                const { HARM_CATEGORY_HARASSMENT: category } = HarmCategory;
                const config = { safetySettings: [{ category, threshold: HarmBlockThreshold.BLOCK_ONLY_HIGH }] };
                const { sdkHttpResponse } = await generate(PROMPT, config);
                const own = provider === 'gemini';
                assert.equal(sdkHttpResponse.headers['x-smg-adjusted-params'], own ? undefined : 'safetySettings');
                const strictly = generate(PROMPT, { ...config, httpOptions: { headers: STRICT } });
                if (own) assert.deepEqual(finishOf([await strictly]), ['STOP']);
                else await assert.rejects(strictly, (error) => error.status === 400 && error.message.includes('safetySettings'));
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

            check(provider, 'cancel', 'a client that leaves does no harm', async () => {
                for await (const _ of await client().models.generateContentStream({ model, contents: 'simulate:slow simulate:tokens=500' })) break;
                assert.deepEqual(finishOf([await generate(PROMPT)]), ['STOP']);
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

describe('when something goes wrong or takes long', { concurrency: true }, () => {
    for (const [provider, model] of Object.entries(MODELS)) {
        for (const fault of ['cut', 'error-event']) {
            // The SDK raises what an event says; a stream without an end it takes as it is, but it has no finish reason then.
            check(provider, 'stream errors', `${provider}: a stream that breaks off (${fault}) is no whole answer`, async () => {
                const chunks = [];
                const contents = `simulate:${fault} ${PROMPT}`;
                try {
                    for await (const chunk of await clientOf(breaking()).models.generateContentStream({ model, contents })) chunks.push(chunk);
                } catch (error) {
                    assert.ok(error instanceof Error);
                }
                assert.ok(chunks.length > 0);
                assert.deepEqual(finishOf(chunks), []);
            });
        }

        check(provider, 'keep-alives', `${provider}: a stream that falls silent`, async () => {
            const contents = [{ role: 'user', parts: [{ text: SILENT_PROMPT }] }];
            const path = `/v1beta/models/${model}:streamGenerateContent?alt=sse`;
            const [without, kept, chunks] = await Promise.all([
                rawStream(gateway() + path, { contents }),
                rawStream(silent() + path, { contents }),
                all(clientOf(silent()).models.generateContentStream({ model, contents })),
            ]);
            const lines = [without, kept].map((raw) => raw.split('\r\n\r\n\r\n').length);
            assert.ok(lines[0] < lines[1]); // Anthropic sends a ping of its own
            assert.ok(textOf(chunks).endsWith(PROMPT));
        });
    }
});

describe('retries', () => {
    for (const [provider, model] of Object.entries(MODELS)) {
        const ask = () => clientOf(mocked.url(), 'v1beta', { retryOptions: { attempts: 3 } }).models.generateContent({ model, contents: PROMPT });

        check(provider, 'retries', `${provider}: the SDK tries again`, async () => {
            mocked.refuse(503);
            assert.equal((await ask()).text, 'Noted.');
            assert.deepEqual(mocked.statuses(), [503, 200]);
        });

        check(provider, 'retries', `${provider}: and not in vain`, async () => {
            mocked.refuse(400);
            await assert.rejects(ask(), /told to refuse/);
            assert.deepEqual(mocked.statuses(), [400]);
        });
    }
});
