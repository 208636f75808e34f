// Words that every page uses. Each area has its own module beside its pages.

export const text = {
  product: "Proxeny",
  skip: "Skip to content",
  openMenu: "Open navigation",
  closeMenu: "Close navigation",
  navigation: "Main",
  portal: "Portal",
  synchronization: "Synchronization",
  loading: "Loading",
  retry: "Try again",
  home: "Go to the start page",
  more: "Show more",
  loadingMore: "Loading more",
  allShown: (shown: number, noun: string) => (shown === 1 ? `1 ${noun}` : `${shown} ${plural(noun)}`),
  someShown: (shown: number, noun: string) => `First ${shown} ${plural(noun)}`,
  search: "Search",
  code: "Code",
  none: "none",
  yes: "yes",
  no: "no",
  secret: "secret",
  utc: "UTC",
  theme: {
    label: "Theme",
    light: "Light",
    dark: "Dark",
    system: "As the system",
  },
  account: {
    menu: (name: string) => `Account of ${name}`,
    profile: "My profile",
    signOut: "Sign out",
  },
  signIn: {
    title: "Sign in",
    kerberos: "Continue with your Windows sign-in",
    kerberosFailed: "Your browser did not offer a Windows sign-in, or nobody here belongs to it.",
    or: "or as local administrator",
    account: "Account",
    password: "Password",
    submit: "Sign in",
    busy: "Signing in",
    missing: "Enter the account and the password.",
    wrong: "The account or the password is not right.",
  },
  forbidden: {
    title: "Not for your role",
    lead: "Your account may not see this page. If you need it, ask an administrator for the role.",
  },
  notFound: {
    title: "Not found",
    lead: "There is nothing at this address, or nothing that you may see.",
  },
  broken: {
    title: "This page failed",
    lead: "The page met something that it was not made for. What you did before is not lost.",
  },
} as const;

/** `entry` is `entries`, `run` is `runs`, `person` is `people`. */
export function plural(noun: string): string {
  if (noun === "person") {
    return "people";
  }
  return noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
