// Pages for what is not there, not allowed, or broken.

import { Button, Text } from "@fluentui/react-components";
import { useRouteError } from "react-router";

import { text } from "../text";
import { ObjectLink } from "../ui/Facts";
import { Page } from "../ui/Page";

export function NotFound() {
  return <Refusal title={text.notFound.title} lead={text.notFound.lead} />;
}

export function Forbidden() {
  return <Refusal title={text.forbidden.title} lead={text.forbidden.lead} />;
}

function Refusal({ title, lead }: { title: string; lead: string }) {
  return (
    <Page title={title}>
      <Text as="p" block>
        {lead}
      </Text>
      <p>
        <ObjectLink to="/">{text.home}</ObjectLink>
      </p>
    </Page>
  );
}

/** What a page that failed while drawing leaves behind. */
export function RouteFailure() {
  const error = useRouteError();
  return (
    <Page title={text.broken.title}>
      <Text as="p" block>
        {text.broken.lead}
      </Text>
      <Text as="p" block font="monospace">
        {error instanceof Error ? error.message : String(error)}
      </Text>
      <p>
        <Button appearance="primary" onClick={() => location.reload()}>
          {text.retry}
        </Button>
      </p>
    </Page>
  );
}
