// A list with pages: Relay makes the query of the next page from the fragment.
graphql`
  query AreasQuery {
    ...Areas_page
  }
`;

graphql`
  fragment Areas_page on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "AreasNextPageQuery") {
    areas(first: $count, after: $cursor) @connection(key: "Areas_areas") {
      edges {
        node {
          id
          name
          state
        }
      }
    }
  }
`;
