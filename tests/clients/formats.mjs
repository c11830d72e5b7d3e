// The four APIs behind one face: a conversation with tools, asked by the SDK of each format in its own words.
//
// `begin(text)` makes a conversation; `ask(url, model, conversation, { tool, stream, think })` asks and comes to `{ text, thoughts, calls }` with
// `calls` as `{ id, name, args }`, the answer then being part of the conversation; `tell(conversation, results)` adds texts, one for each call.
import * as shared from './gateway.mjs';
import { all } from './gateway.mjs';

const OpenAI = shared.installed('openai');
const Anthropic = shared.installed('@anthropic-ai/sdk').default;
const { GoogleGenAI } = shared.installed('@google/genai');

const openai = (url) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0, timeout: 30_000 });
const user = (content) => ({ role: 'user', content });

class Chat {
    begin(text) {
        return [user(text)];
    }

    async ask(url, model, messages, { tool, stream, think }) {
        const asked = {
            model, messages, tools: tool && [{ type: 'function', function: tool }], reasoning_effort: think ? 'high' : undefined,
            max_completion_tokens: think ? 30_000 : undefined,
        };
        const { message } = await (stream ? this.streamed(url, asked) : openai(url).chat.completions.create(asked).then((whole) => whole.choices[0]));
        messages.push(message);
        const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({ id, name, args: JSON.parse(text) }));
        return { text: message.content ?? '', thoughts: message.reasoning_content ?? '', calls };
    }

    // Of a member that the SDK does not know it keeps the last piece only.
    async streamed(url, asked) {
        const runner = openai(url).chat.completions.stream(asked);
        let thoughts = '';
        runner.on('chunk', (chunk) => (thoughts += chunk.choices[0]?.delta.reasoning_content ?? ''));
        const { message } = (await runner.finalChatCompletion()).choices[0];
        return { message: thoughts ? { ...message, reasoning_content: thoughts } : message };
    }

    tell(messages, calls, results) {
        calls.forEach(({ id }, i) => messages.push({ role: 'tool', tool_call_id: id, content: results[i] }));
    }
}

class Responses {
    begin(text) {
        return [user(text)];
    }

    async ask(url, model, input, { tool, stream, think }) {
        const asked = {
            model, input, store: false, include: ['reasoning.encrypted_content'], tools: tool && [{ type: 'function', strict: false, ...tool }],
            reasoning: think ? { effort: 'high', summary: 'auto' } : undefined, max_output_tokens: think ? 30_000 : undefined,
        };
        const { responses } = openai(url);
        const { output } = stream ? await responses.stream(asked).finalResponse() : await responses.create(asked);
        input.push(...output.map(({ parsed_arguments, ...item }) => item));
        const of = (type) => output.filter((item) => item.type === type);
        return {
            text: of('message').flatMap((item) => item.content).map((part) => part.text ?? '').join(''),
            thoughts: of('reasoning').flatMap((item) => item.summary).map((part) => part.text).join(''),
            calls: of('function_call').map(({ call_id, name, arguments: text }) => ({ id: call_id, name, args: JSON.parse(text) })),
        };
    }

    tell(input, calls, results) {
        calls.forEach(({ id }, i) => input.push({ type: 'function_call_output', call_id: id, output: results[i] }));
    }
}

class Messages {
    begin(text) {
        return [user(text)];
    }

    async ask(url, model, messages, { tool, stream, think }) {
        const asked = {
            model, messages, max_tokens: think ? 30_000 : 1000, thinking: think ? { type: 'enabled', budget_tokens: 20_000 } : undefined,
            tools: tool && [{ name: tool.name, description: tool.description, input_schema: tool.parameters }],
        };
        const api = new Anthropic({ baseURL: url, apiKey: 'unused', maxRetries: 0, timeout: 30_000 }).messages;
        const { content } = stream ? await api.stream(asked).finalMessage() : await api.create(asked);
        messages.push({ role: 'assistant', content });
        const of = (type) => content.filter((block) => block.type === type);
        return {
            text: of('text').map((block) => block.text).join(''),
            thoughts: of('thinking').map((block) => block.thinking).join(''),
            calls: of('tool_use').map(({ id, name, input }) => ({ id, name, args: input })),
        };
    }

    tell(messages, calls, results) {
        messages.push(user(calls.map(({ id }, i) => ({ type: 'tool_result', tool_use_id: id, content: results[i] }))));
    }
}

class Gemini {
    begin(text) {
        return [{ role: 'user', parts: [{ text }] }];
    }

    async ask(url, model, contents, { tool, stream, think }) {
        const declared = tool && { name: tool.name, description: tool.description, parametersJsonSchema: tool.parameters };
        const thinking = think ? { maxOutputTokens: 30_000, thinkingConfig: { includeThoughts: true, thinkingBudget: 8000 } } : {};
        const asked = { model, contents, config: { tools: declared && [{ functionDeclarations: [declared] }], ...thinking } };
        const { models } = new GoogleGenAI({ apiKey: 'unused', vertexai: false, httpOptions: { baseUrl: url, timeout: 30_000 } });
        const answers = stream ? await all(models.generateContentStream(asked)) : [await models.generateContent(asked)];
        const parts = answers.flatMap((answer) => answer.candidates?.[0]?.content?.parts ?? []);
        contents.push({ role: 'model', parts });
        const textOf = (thought) => parts.filter((part) => (part.thought ?? false) === thought).map((part) => part.text ?? '').join('');
        return { text: textOf(false), thoughts: textOf(true), calls: parts.map((part) => part.functionCall).filter(Boolean) };
    }

    tell(contents, calls, results) {
        const parts = calls.map(({ id, name }, i) => ({ functionResponse: { id, name, response: { result: results[i] } } }));
        contents.push({ role: 'user', parts });
    }
}

export const FORMATS = { 'Chat Completions': new Chat(), Responses: new Responses(), Messages: new Messages(), Gemini: new Gemini() };
