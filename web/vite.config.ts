import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/* The build goes into the Python package, which serves it below /app with a nonce of its own for each page. */
export default defineConfig({
  base: "/app/",
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "../src/omna/website/app",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // A font or an icon inside a style sheet cannot be kept by a browser on its own.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // The app, and the page without rights in which diagrams are drawn.
    rolldownOptions: { input: { index: "index.html", diagram: "diagram.html" } },
    reportCompressedSize: false,
  },
  // `npm run dev` beside a running Omna; the address of the page stays that of Omna.
  server: { proxy: { "/api": "http://localhost:5108", "/v1": "http://localhost:5108" } },
});
