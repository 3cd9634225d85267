// The explorer's page: GraphiQL, a choice of callers, and a fetcher for both kinds of transport.
(() => {
  const { React, ReactDOM, GraphiQL, graphqlWs } = window;
  const h = React.createElement;
  const root = document.getElementById('explorer');
  const { graphqlUrl, tokens, defaultQuery, clientName } = JSON.parse(root.dataset.settings);
  const url = new URL(graphqlUrl, window.location.href);
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

  /** Operations go out as the chosen caller; another caller gets another socket. */
  function fetcherFor(token) {
    const authorization = token ? `Bearer ${token}` : undefined;
    const wsClient = graphqlWs.createClient({
      url: socketUrl.href,
      lazy: true,
      connectionParams: {
        ...(authorization && { authorization }),
        ...(clientName && { clientName }),
      },
    });
    const fetcher = GraphiQL.createFetcher({
      url: url.href,
      wsClient,
      headers: {
        ...(authorization && { authorization }),
        ...(clientName && { 'graphql-client-name': clientName }),
      },
    });
    return { fetcher, dispose: () => wsClient.dispose() };
  }

  function Callers({ chosen, onChoose }) {
    const options = [{ label: 'Nobody', token: '' }, ...tokens];
    return h(
      'div',
      { className: 'callers' },
      h('label', { htmlFor: 'caller' }, 'Call as'),
      h(
        'select',
        { id: 'caller', value: chosen, onChange: (event) => onChoose(event.target.value) },
        options.map(({ label, token }) => h('option', { key: label, value: token }, label)),
      ),
    );
  }

  function Page() {
    const [chosen, choose] = React.useState(tokens[0]?.token ?? '');
    const connection = React.useMemo(() => fetcherFor(chosen), [chosen]);
    React.useEffect(() => connection.dispose, [connection]);
    return h(
      React.Fragment,
      null,
      tokens.length > 0 && h(Callers, { chosen, onChoose: choose }),
      h(
        'div',
        { className: 'graphiql' },
        h(GraphiQL, {
          fetcher: connection.fetcher,
          defaultQuery,
          defaultEditorToolsVisibility: 'variables',
        }),
      ),
    );
  }

  ReactDOM.createRoot(root).render(h(Page));
})();
