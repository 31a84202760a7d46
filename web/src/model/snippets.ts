/** How to send telemetry here, for what people use: text to copy, with this server's own address in it. */

export interface Snippet {
  readonly id: string;
  readonly label: string;
  /** What it is for, in a sentence. */
  readonly about: string;
  /** Any one of the steps does. */
  readonly either?: true;
  readonly steps: readonly { readonly title: string; readonly code: string }[];
}

export interface Endpoint {
  /** OTLP over HTTP, without a path: `http://localhost:4318`. */
  readonly http: string;
  readonly grpc: string;
  readonly project: string;
}

export function snippets({ http, grpc, project }: Endpoint): readonly Snippet[] {
  const named = project === "default" ? "" : project;
  const headers = named ? `\nexport OTEL_EXPORTER_OTLP_HEADERS=x-spyglass-project=${named}` : "";
  const env = `export OTEL_EXPORTER_OTLP_ENDPOINT=${http}${headers}`;
  const init = `spyglass_sdk.init(endpoint="${http}", service_name="my-agent"${named ? `, project="${named}"` : ""})`;
  const environment = { title: "Say where to send", code: env };
  return [
    {
      id: "python",
      label: "Python",
      about: "Any Python program; instrumentation that it already has goes on working.",
      steps: [
        { title: "Install", code: "pip install spyglass-sdk" },
        {
          title: "Start of your program",
          code: `import spyglass_sdk\n\nspyglass_sdk.init(\n    endpoint="${http}",\n    service_name="my-agent",${named ? `\n    project="${named}",` : ""}\n)`,
        },
      ],
    },
    {
      id: "otel",
      label: "OpenTelemetry",
      about: "Anything that speaks OpenTelemetry, in any language.",
      either: true,
      steps: [
        { title: "Over HTTP", code: env },
        { title: "Or over gRPC", code: `export OTEL_EXPORTER_OTLP_ENDPOINT=${grpc}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=grpc${headers}` },
      ],
    },
    {
      id: "langchain",
      label: "LangChain",
      about: "LangChain and LangGraph, through OpenInference.",
      steps: [
        { title: "Install", code: "pip install spyglass-sdk openinference-instrumentation-langchain" },
        {
          title: "Start of your program",
          code: `import spyglass_sdk\nfrom openinference.instrumentation.langchain import LangChainInstrumentor\n\n${init}\nLangChainInstrumentor().instrument()`,
        },
      ],
    },
    {
      id: "openai-agents",
      label: "OpenAI Agents",
      about: "The OpenAI Agents SDK for Python.",
      steps: [
        { title: "Install", code: "pip install spyglass-sdk openinference-instrumentation-openai-agents" },
        {
          title: "Start of your program",
          code: `import spyglass_sdk\nfrom openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor\n\n${init}\nOpenAIAgentsInstrumentor().instrument()`,
        },
      ],
    },
    {
      id: "pydantic-ai",
      label: "Pydantic AI",
      about: "Pydantic AI brings its own telemetry; Logfire sends it, here instead of to its makers.",
      steps: [
        environment,
        {
          title: "Start of your program",
          code: "import logfire\n\nlogfire.configure(send_to_logfire=False)\nlogfire.instrument_pydantic_ai()",
        },
      ],
    },
    {
      id: "claude-code",
      label: "Claude Code",
      about: "Sessions, tool calls, tokens and cost of the coding agent.",
      steps: [
        {
          title: "Before you start it",
          code: `export CLAUDE_CODE_ENABLE_TELEMETRY=1\nexport OTEL_LOGS_EXPORTER=otlp\nexport OTEL_METRICS_EXPORTER=otlp\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n${env}`,
        },
      ],
    },
    {
      id: "vercel-ai",
      label: "Vercel AI",
      about: "The Vercel AI SDK in Node.js.",
      steps: [
        environment,
        {
          title: "Set up once",
          code: `import { NodeSDK } from "@opentelemetry/sdk-node";\n\nnew NodeSDK({ serviceName: "my-agent" }).start();`,
        },
        { title: "Each call", code: `await generateText({\n  model,\n  prompt,\n  experimental_telemetry: { isEnabled: true },\n});` },
      ],
    },
    {
      id: "langfuse",
      label: "Langfuse SDK",
      about: "Programs that send to Langfuse can send here; any keys do.",
      steps: [
        {
          title: "Say where to send",
          code: `export LANGFUSE_HOST=${http}\nexport LANGFUSE_BASE_URL=${http} # its newer name\nexport LANGFUSE_PUBLIC_KEY=any\nexport LANGFUSE_SECRET_KEY=any${named ? `\nexport OTEL_RESOURCE_ATTRIBUTES=spyglass.project=${named}` : ""}`,
        },
      ],
    },
    {
      id: "curl",
      label: "curl",
      about: "One span by hand, to see that the way is open.",
      steps: [{ title: "Send", code: curl(http, named) }],
    },
  ];
}

function curl(http: string, project: string): string {
  const header = project ? ` \\\n  -H 'x-spyglass-project: ${project}'` : "";
  const span = `{"traceId":"'$(openssl rand -hex 16)'","spanId":"'$(openssl rand -hex 8)'","name":"hello",\n   "startTimeUnixNano":"'$(date +%s)'000000000","endTimeUnixNano":"'$(date +%s)'500000000"}`;
  return `curl ${http}/v1/traces -H 'content-type: application/json'${header} -d '\n  {"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}'`;
}

/** Where to send, as seen from the browser: the host of the page with the ports that the server listens on. */
export function endpointOf(
  page: { readonly protocol: string; readonly hostname: string },
  ports: Readonly<Record<string, number>>,
  project: string,
): Endpoint {
  const host = page.hostname === "127.0.0.1" || page.hostname === "[::1]" ? "localhost" : page.hostname;
  const at = (port: number | undefined, usual: number) => `http://${host}:${port ?? usual}`;
  return { http: at(ports["otlp_http"], 4318), grpc: at(ports["otlp_grpc"], 4317), project };
}
