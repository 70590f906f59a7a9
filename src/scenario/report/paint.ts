/** How reports mark what a text means, without knowing of colours. */

/** Paints a text by its meaning; without colour it is the text itself. */
export type Paint = (tone: 'good' | 'bad' | 'warning' | 'quiet' | 'strong', text: string) => string;
