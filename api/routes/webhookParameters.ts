import { z } from 'zod';

const MAX_ID_LENGTH = 100;
/** How far back failed deliveries are recovered: as long as they are kept. */
export const RECOVERY_DAYS = 30;

export const EXAMPLE_ENDPOINT_ID = '0b9f3c52-8a41-4f6e-9d55-2c7e51a0d4f3';
export const EXAMPLE_DELIVERY_ID = '5e0c7a1d-3b64-4c1f-8a2e-97d1f06b2c48';

export const endpointParams = z.object({
  id: z.string().max(MAX_ID_LENGTH).meta({ description: 'Id of the endpoint', example: EXAMPLE_ENDPOINT_ID }),
});

export const deliveryParams = z.object({
  id: z.string().max(MAX_ID_LENGTH).meta({ description: 'Id of the delivery', example: EXAMPLE_DELIVERY_ID }),
});
