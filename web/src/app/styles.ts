/** Global styles, in their order: the font, Mantine in a layer of its own (so that ours win without tricks), then ours. */
import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.layer.css";
import "./app.css";
