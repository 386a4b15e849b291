// A mutation, and a node that Relay fetches again by its id.
graphql`
  mutation PeopleRegisterMutation($input: RegisterPersonInput!) {
    registerPerson(input: $input) {
      problems {
        code
        path
        message
      }
      person {
        id
        ...People_person
      }
    }
  }
`;

graphql`
  fragment People_person on Person @refetchable(queryName: "PeoplePersonRefetchQuery") {
    fullName
    version
  }
`;
