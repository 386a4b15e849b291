// The page around GraphiQL. It speaks to the host that it came from and to nobody else; the token and the drafts live
// in this tab's sessionStorage and end with it.
"use strict";
(() => {
  // Radix UI adds one style element; the nonce lets the content security policy admit it.
  window.__webpack_nonce__ = document.documentElement.dataset.nonce;
  const TOKEN = "linli.token";
  const DEFAULT_QUERY = `# 欢迎使用邻里 GraphiQL。先在上方登录，或粘贴令牌：
#   .venv/bin/linli token --tenant jingmen --role admin
# 按 Ctrl-Enter 执行；左上角的书本图标里有全部类型的说明。
query FirstQuery {
  # 令牌所属的租户
  tenant {
    slug
    name
  }
  # 前三个区域
  areas(first: 3) {
    edges {
      node {
        id
        name
      }
    }
  }
}
`;

  const element = (id) => document.getElementById(id);
  const note = (text) => { element("note").textContent = text; };
  const token = () => sessionStorage.getItem(TOKEN) || "";

  async function post(path, body, headers) {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": navigator.language, ...headers },
      body: JSON.stringify(body),
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
    });
    return { ok: response.ok, value: await response.json() };
  }

  async function fetcher(params, options) {
    const headers = { accept: "application/graphql-response+json, application/json", ...(options && options.headers) };
    if (token()) headers.authorization = `Bearer ${token()}`;
    const { value } = await post("/graphql", params, headers);
    return value;
  }

  const root = ReactDOM.createRoot(element("graphiql"));
  function show() {
    element("token").value = token();
    note(token() ? "已有令牌 Token set" : "尚无令牌 No token yet");
    root.render(React.createElement(GraphiQL, {
      key: token(), // another token may see another schema: begin anew
      fetcher,
      schema: token() ? undefined : null,
      defaultQuery: DEFAULT_QUERY,
      storage: sessionStorage,
      shouldPersistHeaders: false,
      isHeadersEditorEnabled: true,
    }));
  }

  function use(value) {
    if (value) sessionStorage.setItem(TOKEN, value);
    else sessionStorage.removeItem(TOKEN);
    show();
  }

  element("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    use(element("token").value.trim());
  });
  element("forget").addEventListener("click", () => use(""));
  element("sign-in-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const given = Object.fromEntries(new FormData(form));
    if (!given.totp) delete given.totp;
    try {
      const { ok, value } = await post("/auth/sign-in", given, {});
      if (!ok) { note(value.message || value.code); return; }
      form.reset();
      form.parentElement.open = false;
      use(value.token);
    } catch (error) {
      note("服务没有应答 The server does not answer");
    }
  });
  show();
})();
