/** The one door to the server: typed by docs/openapi.json, JSON in and out, every failure an ApiError, every wait bounded. */
import type { components, paths } from "./api";
import { readKey } from "./key";
import { ApiError, problemOf } from "./problem";

export type Schemas = components["schemas"];

interface Json<T> {
  readonly content: { readonly "application/json": T };
}
type Reading<T = unknown> = { readonly get: { readonly responses: { readonly 200: Json<T> } } };
type Sending<T = unknown> = { readonly post: { readonly responses: { readonly 200: Json<T> } } };
type PathsWith<Operation> = { [P in keyof paths]: paths[P] extends Operation ? P : never }[keyof paths];

export type GetPath = PathsWith<Reading>;
export type PostPath = PathsWith<Sending>;
export type GetAnswer<P extends GetPath> = paths[P] extends Reading<infer T> ? T : never;
export type PostAnswer<P extends PostPath> = paths[P] extends Sending<infer T> ? T : never;

type Parameters<Operation, In extends "query" | "path"> = Operation extends { readonly parameters: infer All }
  ? All extends { readonly [K in In]?: infer Found }
    ? Exclude<Found, undefined>
    : Record<never, never>
  : Record<never, never>;
type Body<Operation> = Operation extends { readonly requestBody: { readonly content: { readonly "application/json": infer B } } }
  ? B
  : undefined;
type Values = Readonly<Record<string, unknown>>;

/** Parameters of a GET: those of the query, and those that the path names. */
export interface Asking<P extends GetPath> {
  readonly query?: Parameters<paths[P]["get"], "query">;
  readonly path?: Parameters<paths[P]["get"], "path">;
  readonly signal?: AbortSignal;
  /** A status beside 2xx whose body is an answer too, as 503 of /health. */
  readonly alsoGood?: number | undefined;
  /** How long it may take until the answer begins, where it is known to be a quick one. */
  readonly beginsMs?: number | undefined;
}

export interface Telling<P extends PostPath> {
  readonly query?: Parameters<paths[P]["post"], "query">;
  readonly body?: Body<paths[P]["post"]>;
  readonly signal?: AbortSignal;
}

const NOT_CHANGED = 304;
const BEGINS_MS = 60_000; // the server itself gives up on a query after 20 s
const WHOLE_MS = 240_000; // a slow connection brings some megabytes in it

const BEGUN_MS = 10_000; // then an answer that nobody took is old
const begun = new Map<string, Promise<unknown>>();

/** GET a path of the API; `/api/v1/traces/{trace_id}` takes its names from `path`. What did not change since it was asked for is the same object again. */
export async function get<P extends GetPath>(path: P, asking: Asking<P> = {}): Promise<GetAnswer<P>> {
  const address = addressOf(path, asking.path ?? {}, asking.query ?? {});
  const early = begun.get(address);
  begun.delete(address);
  return (await (early ?? ask(address, asking))) as GetAnswer<P>;
}

/** What an address answered, for as long as somebody has it: the server is told, and does not send it again (`show/pack.py`). */
const had = new Map<string, { readonly tag: string; readonly answer: WeakRef<object> }>();
const MOST_HAD = 200;

async function ask(address: string, { signal, alsoGood, beginsMs }: Omit<Asking<GetPath>, "query" | "path"> = {}): Promise<unknown> {
  const before = had.get(address);
  const known = before?.answer.deref(); // held from here on
  const headers: Record<string, string> = before && known ? { "if-none-match": before.tag } : {};
  const told = await send(address, { method: "GET", headers }, whole(signal), { alsoGood: known ? NOT_CHANGED : alsoGood, beginsMs });
  if (known && told.status === NOT_CHANGED) return known;
  const answer = await readJson(told);
  const tag = told.headers.get("etag");
  had.delete(address);
  if (tag && typeof answer === "object" && answer) had.set(address, { tag, answer: new WeakRef(answer) });
  for (const oldest of had.keys()) if (had.size > MOST_HAD) had.delete(oldest);
  return answer;
}

/** Begins a GET whose asker is not there yet: the first `get` of the same within ten seconds is given this answer. */
export function begin<P extends GetPath>(path: P, asking: Asking<P>): void {
  const address = addressOf(path, asking.path ?? {}, asking.query ?? {});
  const answer = ask(address);
  answer.catch(() => undefined); // who takes it is told
  begun.set(address, answer);
  setTimeout(() => begun.get(address) === answer && begun.delete(address), BEGUN_MS);
}

/** POST JSON to a path of the API. */
export async function post<P extends PostPath>(path: P, telling: Telling<P> = {}): Promise<PostAnswer<P>> {
  const body = telling.body === undefined ? null : JSON.stringify(telling.body);
  const init = { method: "POST", body, headers: { "content-type": "application/json" } };
  const answer = await send(addressOf(path, {}, telling.query ?? {}), init, whole(telling.signal));
  return (await readJson(answer)) as PostAnswer<P>;
}

/** POST, PUT or DELETE of a thing that is kept, at an address of `addressOf`; gives the answer's JSON, undefined where there is none. */
export async function tell(method: "POST" | "PUT" | "DELETE", address: string, body?: unknown): Promise<unknown> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const answer = await send(address, { method, ...sent }, whole());
  return answer.status === 204 ? undefined : readJson(answer);
}

/** An answer that is not JSON (export), to be streamed or saved. */
export async function download(path: keyof paths & string, query: Values, signal?: AbortSignal): Promise<Response> {
  return send(addressOf(path, {}, query), { method: "GET" }, signal);
}

/** The answer to a POST in another format than JSON, to be saved. */
export async function downloadAnswer(path: PostPath & string, body: unknown, query: Values, accept: string): Promise<Blob> {
  const headers = { "content-type": "application/json", accept };
  return (await send(addressOf(path, {}, query), { method: "POST", body: JSON.stringify(body), headers })).blob();
}

/** The path with its names filled in, and the parameters that are set; lists are repeated. */
export function addressOf(path: string, names: Values, query: Values): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name] ?? "")));
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text ? `${filled}?${text}` : filled;
}

interface Bounds {
  readonly alsoGood?: number | undefined;
  readonly beginsMs?: number | undefined;
}

/** Requests whose answer does not begin in time end as `timeout`; those that the caller gave up on throw the caller's AbortError. */
async function send(address: string, init: RequestInit, signal?: AbortSignal, bounds: Bounds = {}): Promise<Response> {
  const beginsMs = bounds.beginsMs ?? BEGINS_MS;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), beginsMs);
  const key = readKey();
  const headers = {
    accept: "application/json",
    ...(init.headers as Record<string, string> | undefined),
    ...(key ? { authorization: `Bearer ${key}` } : {}),
  };
  let answer: Response;
  try {
    answer = await fetch(address, { ...init, headers, signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (late.signal.aborted)
      throw new ApiError(0, "timeout", `the server did not answer within ${beginsMs / 1000} s; a shorter time range may help`);
    throw new ApiError(0, "unreachable", "the server cannot be reached; is it still running?");
  } finally {
    clearTimeout(timer);
  }
  if (!answer.ok && answer.status !== bounds.alsoGood) throw await problemOf(answer);
  return answer;
}

/** So long all of an answer is waited for; what is saved or streamed may take longer. */
function whole(signal?: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(WHOLE_MS);
  return signal ? AbortSignal.any([signal, late]) : late;
}

async function readJson(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError")
      throw new ApiError(0, "timeout", `the answer was not there within ${WHOLE_MS / 1000} s; the connection is slow, or gone`);
    throw new ApiError(answer.status, "unreadable", "the answer ended early or is not JSON; a proxy between may have cut it");
  }
}

/** A JSON document that is no part of the API, such as its own description. */
export async function document(path: `/${string}`, signal?: AbortSignal): Promise<unknown> {
  return readJson(await send(path, { method: "GET" }, whole(signal)));
}
