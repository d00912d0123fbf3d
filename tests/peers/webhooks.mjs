// Receives what an organisation is told, with the library of Standard Webhooks.
import {Webhook} from 'standardwebhooks';

export async function verifyWebhook({secret, headers, body}) {
  return new Webhook(secret).verify(body, headers);
}
