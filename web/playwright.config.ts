// `mock`: every page against an interface that the tests play.
// `e2e`: the way of a person through the real programs, which whoever starts it has running.

import { existsSync } from "node:fs";

import { defineConfig } from "@playwright/test";

const PORT = 4179;
const CHROMIUM = process.env.PROXENY_CHROMIUM ?? "/usr/bin/chromium";

// Chromium's own sandbox does not run as root in a container.
const launchOptions = {
  args: ["--no-sandbox"],
  ...(existsSync(CHROMIUM) ? { executablePath: CHROMIUM } : {}),
};

const isEndToEnd = process.argv.some((argument) => argument.includes("e2e"));

export default defineConfig({
  outputDir: "test-results",
  reporter: [["line"]],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  retries: 0,
  workers: isEndToEnd ? 1 : 2,
  use: { browserName: "chromium", launchOptions, locale: "en-GB", timezoneId: "Europe/Berlin", trace: "off" },
  projects: [
    {
      name: "mock",
      testDir: "tests",
      fullyParallel: true,
      use: { baseURL: `http://127.0.0.1:${PORT}` },
    },
    {
      name: "e2e",
      testDir: "e2e",
      use: { baseURL: process.env.PROXENY_E2E_PORTAL ?? "http://127.0.0.1:8443", ignoreHTTPSErrors: true },
    },
  ],
  ...(isEndToEnd
    ? {}
    : {
        webServer: {
          command: `npm run --silent build && exec node_modules/.bin/vite preview --host 127.0.0.1 --port ${PORT} --strictPort`,
          url: `http://127.0.0.1:${PORT}/`,
          reuseExistingServer: false,
          timeout: 120_000,
        },
      }),
});
