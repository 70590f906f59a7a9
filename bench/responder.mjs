// Answers every request on a queue, acking each: the other end of round-trips.ts.
import { connect } from 'amqplib';

const [, , url, queue] = process.argv;
const connection = await connect(url, { noDelay: true });
const channel = await connection.createChannel();
await channel.assertQueue(queue, { autoDelete: true });
await channel.prefetch(256);
await channel.consume(queue, (request) => {
  const { replyTo, correlationId } = request.properties;
  channel.sendToQueue(replyTo, request.content, { correlationId });
  channel.ack(request);
});
process.send('ready');
process.on('disconnect', () => process.exit());
